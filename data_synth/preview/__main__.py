"""`python -m data_synth.preview`: the preview without the rest of the project."""

from __future__ import annotations

import argparse
import sys

from data_synth.preview.command import TEXT, add_arguments, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m data_synth.preview", description=TEXT)
    add_arguments(parser)
    try:
        run(parser.parse_args())
    except (ValueError, OSError) as error:
        sys.exit(f"data_synth.preview: {error}")
