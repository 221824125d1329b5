"""The console command `vlm-rl`: find the command, parse its arguments, call its function."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

from vlm_rl.commands import COMMANDS, command_module


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    name, rest = _split(words)
    if not name:
        return _overview(words)
    module = command_module(name)
    parser = argparse.ArgumentParser(
        prog=f"vlm-rl {name}", description=module.TEXT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    others = [other for other in COMMANDS if other.startswith(f"{name} ")]
    if others:
        parser.epilog = "\n".join(
            filter(None, [parser.epilog, "see also: " + ", ".join(f"vlm-rl {o}" for o in others)])
        )
    arguments = parser.parse_args(rest)
    try:
        module.run(arguments)
    except (ValueError, OSError) as error:  # bad configs, files, checkpoints: what a person can mend needs no traceback
        print(f"vlm-rl {name}: {error}", file=sys.stderr)
        return 1
    return 0


def _split(words: list[str]) -> tuple[str, list[str]]:
    """(command, its arguments): the longest command that the words begin with, or ("", all words)."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length and name in COMMANDS:
            return name, words[length:]
    return "", words


def _overview(words: list[str]) -> int:
    lines = ["usage: vlm-rl COMMAND [arguments]", "", "Reinforcement learning for vision-language models:"]
    lines += ["partial rollouts, mirror descent.", "", "commands (vlm-rl COMMAND --help tells more):"]
    wide = max(map(len, COMMANDS)) + 2
    lines += [f"  {name:<{wide}}{command_module(name).TEXT}" for name in COMMANDS]
    if words and words[0] in ("-h", "--help"):
        print("\n".join(lines))
        return 0
    if words:
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        lines.append(f"\nvlm-rl: unknown command {words[0]!r}" + (f"; did you mean {near[0]}?" if near else ""))
    print("\n".join(lines), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
