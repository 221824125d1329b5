"""The console commands, one module each: TEXT (a line for --help), add_arguments(parser), run(arguments).

`run` raises ValueError or OSError for what a person can mend; the message is printed without a traceback. A command of
two words ("eval compare") stands beside the one-word command of the same name.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

COMMANDS: dict[str, str] = {
    "train": "train",
    "sft": "sft",
    "synth": "synth",
    "synth audit": "synth_audit",
    "synth preview": "synth_preview",
    "eval": "evaluate",
    "eval compare": "eval_compare",
    "eval submit": "eval_submit",
    "report": "report",
    "judge-data": "judge_data",
    "judge-check": "judge_check",
}


def command_module(name: str) -> ModuleType:
    """The module of a key of COMMANDS. Command modules load what is slow in `run` only."""
    return import_module(f"vlm_rl.commands.{COMMANDS[name]}")
