#!/usr/bin/env bash
# From nothing to a trained policy and its report, on a CPU: makes .venv, installs, runs configs/quickstart.yaml.
# Arguments go to the training command, e.g.  bash scripts/quickstart.sh --set seed=1 --set output_dir=runs/seed1
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed; set PYTHON to one"; exit 1; }
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false CUDA_VISIBLE_DEVICES=
# On a busy machine, threads that wait by spinning for long take the core that the other one needs.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-20000}
exec .venv/bin/accelerate launch --cpu --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no \
    scripts/train.py --config configs/quickstart.yaml --resume "$@"
