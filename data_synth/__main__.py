"""`python -m data_synth --families all --count 1000 --out DIR` writes a data set; the same as `vlm-rl synth`."""

from __future__ import annotations

import argparse
import sys

from data_synth.command import TEXT, add_arguments, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m data_synth", description=TEXT)
    add_arguments(parser)
    try:
        run(parser.parse_args())
    except (ValueError, OSError) as error:
        print(f"data_synth: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":  # worker processes import this module again
    sys.exit(main())
