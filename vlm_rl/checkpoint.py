"""Checkpoints of a run: policy, optimizer, buffer with unfinished tokens, sampler, random state, config; atomic.

    checkpoints/iteration-000040/ policy/  optimizer.safetensors  state.json

A checkpoint is the state *before* the iteration it is named after. It is written beside, then renamed, so a kill or a
full disk leaves the previous one whole. Nothing is pickled: tensors are safetensors, the rest is JSON.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from vlm_rl.models.policy import Policy
from vlm_rl.optim.optimizer import PolicyOptimizer

FORMAT = 1


class CheckpointError(OSError):
    """A checkpoint that cannot be written, read or gone on with; the message says which and what to do."""


def save_checkpoint(
    folder: Path, *, iteration: int, policy: Policy, optimizer: PolicyOptimizer, state: dict[str, Any], keep: int
) -> Path:
    """Write `folder/iteration-N` atomically, then delete all but the newest `keep`."""
    target = folder / f"iteration-{iteration:06d}"
    partial = folder / f".partial-{iteration:06d}"
    for stale in folder.glob(".partial-*"):  # left by a process that was killed here
        shutil.rmtree(stale, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        policy.save(partial / "policy")
        save_file(
            {key: tensor.contiguous() for key, tensor in optimizer.state_dict().items()},
            partial / "optimizer.safetensors",
        )
        full = state | {"format": FORMAT, "iteration": iteration, "torch_rng": torch.get_rng_state().tolist()}
        _write_text(partial / "state.json", json.dumps(full))
        shutil.rmtree(target, ignore_errors=True)
        os.replace(partial, target)
    except (OSError, SafetensorError) as error:  # a full disk is either, depending on the file
        shutil.rmtree(partial, ignore_errors=True)
        raise CheckpointError(
            f"could not write the checkpoint {target}: {error}; the previous checkpoint is whole. "
            "Free some space, then go on with --resume"
        ) from error
    for old in sorted(folder.glob("iteration-*"))[:-keep]:
        shutil.rmtree(old)
    return target


def latest_checkpoint(folder: Path) -> Path | None:
    found = sorted(path for path in folder.glob("iteration-*") if (path / "state.json").exists())
    return found[-1] if found else None


def load_state(checkpoint: Path) -> dict[str, Any]:
    """The JSON part: iteration, config, buffer, sampler, random state."""
    path = checkpoint / "state.json"
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if state.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {state.get('format')}, this version reads {FORMAT}")
    return state


def load_optimizer(checkpoint: Path, optimizer: PolicyOptimizer) -> None:
    path = checkpoint / "optimizer.safetensors"
    try:
        moments = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    optimizer.load_state_dict(moments)


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{path} cannot be read: {error}; delete {path.parent} to go on from an older checkpoint")


def restore_rng(state: dict[str, Any]) -> None:
    torch.set_rng_state(torch.tensor(state["torch_rng"], dtype=torch.uint8))


def _write_text(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def config_differences(saved: dict[str, Any], current: dict[str, Any], *, free: frozenset[str]) -> list[str]:
    """Lines "key: saved -> current" for every knob that differs, apart from those (or their sections) in `free`."""
    before, after = _flat(saved), _flat(current)
    lines = []
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key) and not any(key == f or key.startswith(f + ".") for f in free):
            lines.append(f"{key}: {before.get(key)} -> {after.get(key)}")
    return lines


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(tree, dict) and tree:
        return {
            k: v
            for name, part in tree.items()
            for k, v in _flat(part, f"{prefix}.{name}" if prefix else str(name)).items()
        }
    if isinstance(tree, list | tuple) and tree:
        return {k: v for i, part in enumerate(tree) for k, v in _flat(part, f"{prefix}.{i}").items()}
    return {prefix: tree}
