"""The same as `vlm-rl synth`."""

import sys

from vlm_rl.cli import main

if __name__ == "__main__":
    sys.exit(main(["synth", *sys.argv[1:]]))
