"""python -I -S -B start.py LANGUAGE ISOLATED FOLDER: starts supervisor.py, whose bytecode a plain import finds."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from supervisor import main  # noqa: E402

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "isolated", sys.argv[3])
