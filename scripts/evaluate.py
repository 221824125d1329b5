"""The same as `vlm-rl eval`; under `accelerate launch` it runs on many processes."""

import sys

from vlm_rl.cli import main

if __name__ == "__main__":
    sys.exit(main(["eval", *sys.argv[1:]]))
