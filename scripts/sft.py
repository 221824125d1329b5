"""The same as `vlm-rl sft`; under `accelerate launch` it runs on many processes."""

import sys

from vlm_rl.cli import main

if __name__ == "__main__":
    sys.exit(main(["sft", *sys.argv[1:]]))
