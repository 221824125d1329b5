"""accelerate launch scripts/train.py --config configs/quickstart.yaml [--resume] [--set key=value ...]"""

import sys

from vlm_rl.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
