"""A whole run in small: a policy of 55 thousand weights, three synthetic cells, responses of a few tokens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from vlm_rl.config import TrainConfig

TOY = """
seed: 3
num_iterations: 8
policy:
  assemble:
    vision_encoder:
      custom: {layers: 1, width: 32, head_width: 16, patch_size: 16, image_size: 32, mlp_ratio: 2.0}
    language_model:
      custom:
        model_type: qwen3
        hidden_size: 32
        intermediate_size: 64
        num_hidden_layers: 1
        num_attention_heads: 2
        num_key_value_heads: 2
        head_dim: 16
        tie_word_embeddings: true
      tokenizer_vocab_size: 300
data: {sources: [{kind: synth, image_size: 32, families: {scene_count: [0], expression: [0]}}]}
rollout: {group_size: 4, open_groups: 8, segment_tokens: 3, max_response_tokens: 15}
reward: {length_weight: 0.5, length_warmup: 0}
optim: {lr: 3.0e-5, steps_per_iteration: 2, max_lag: 2}
eval: {items_per_cell: 1, samples: 0}
checkpoint: {every: 2, keep: 2}
trackers: []
warmup: {items_per_cell: 32, steps: 40, batch_size: 16, lr: 1.0e-2, direct_share: 1.0, direct_after: 0.0}
"""
ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "ACCELERATE_USE_CPU": "true",
}


def toy_tree(output_dir: Path, **changes: Any) -> dict[str, Any]:
    """The config as written in YAML; changes: dotted keys with __ for the dots, e.g. optim__lr=1e-3."""
    tree: dict[str, Any] = yaml.safe_load(TOY) | {"output_dir": str(output_dir)}
    for key, value in changes.items():
        *path, last = key.split("__")
        node = tree
        for part in path:
            node = node[part]
        node[last] = value
    return tree


def toy_config(output_dir: Path, **changes: Any) -> TrainConfig:
    return TrainConfig.model_validate(toy_tree(output_dir, **changes))


def write_config(folder: Path, **changes: Any) -> Path:
    """Write the config of a run in `folder` beside it."""
    path = folder.with_suffix(".yaml")
    path.write_text(yaml.safe_dump(toy_tree(folder, **changes)), encoding="utf-8")
    return path


def vlm_rl(*arguments: str | Path) -> subprocess.Popen[str]:
    """The console command in a process of its own, on one CPU thread."""
    command = [sys.executable, "-m", "vlm_rl.cli", *map(str, arguments)]
    return subprocess.Popen(
        command, env=ENVIRONMENT, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a process that must succeed; returns what it printed."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def metrics(folder: Path) -> list[dict[str, Any]]:
    """Rows of metrics.jsonl, but for the clock."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [{key: value for key, value in row.items() if not key.startswith("seconds/")} for row in rows]


def rollout_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "rollouts").iterdir())}


def weights(folder: Path) -> bytes:
    return (folder / "policy" / "final" / "model.safetensors").read_bytes()
