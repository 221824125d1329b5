"""Who may import whom (docs/design.md), what loads late, and what is never called: read from the syntax trees."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*ROOT.glob("vlm_rl/**/*.py"), *ROOT.glob("data_synth/**/*.py")])
ALL = frozenset(
    "data models rollout reward optim evaluation report long2short sandbox config config_file types console".split()
)
MAY_IMPORT: dict[str, frozenset[str]] = {
    "data_synth": frozenset(),
    "types": frozenset(),
    "config_section": frozenset(),
    "config_reward": frozenset({"config_section"}),
    "config": frozenset({"config_section", "config_reward"}),
    "config_file": frozenset({"config"}),
    "console": frozenset(),
    "data": frozenset({"data_synth", "types", "config"}),
    "models": frozenset({"types", "config"}),
    "rollout": frozenset({"models", "types", "config"}),
    "sandbox": frozenset({"types", "config"}),
    "reward": frozenset({"data_synth", "sandbox", "types", "config"}),
    "optim": frozenset({"models", "types", "config"}),
    "report": frozenset({"types", "config", "config_file"}),
    "evaluation": frozenset(
        {"data_synth", "data", "models", "rollout", "reward", "report", "types", "config", "console"}
    ),
    "long2short": ALL,
} | {top: ALL | {"data_synth", "checkpoint", "run", "train", "warmup", "pipeline", "commands"} for top in (
    "train", "run", "pipeline", "cli", "commands", "checkpoint", "warmup"
)}  # fmt: skip
NO_TORCH = (
    *("data_synth", "sandbox", "types", "config", "config_section", "config_reward", "config_file"),
    *("report", "reward", "cli", "commands", "console"),
)
LATE = {"open_clip", "datasets", "webdataset", "typst", "vllm", "ray", "pyarrow"}
NEVER = {"pickle", "cloudpickle", "dill", "marshal", "shelve"}


def parts_of(path: Path) -> tuple[str, str]:
    """(package, part): vlm_rl/data/sampler.py -> ("vlm_rl", "data"); everything of data_synth is one part."""
    package, *rest = path.relative_to(ROOT).with_suffix("").parts
    return package, "data_synth" if package == "data_synth" else rest[0]


def part_imported(module: str) -> str | None:
    top, *rest = module.split(".")
    return top if top == "data_synth" else rest[0] if top == "vlm_rl" and rest else None


def imports(tree: ast.AST, *, top_level: bool = False) -> set[str]:
    """Absolute names of imported modules; those of `if TYPE_CHECKING` do not count."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif not (top_level and isinstance(node, ast.FunctionDef)):
            found |= imports(node, top_level=top_level)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_to_the_rules(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    _, part = parts_of(path)
    if part == "__init__":
        return
    for module in imports(tree):
        other = part_imported(module)
        assert other in (None, "__version__", part) or other in MAY_IMPORT[part], f"{part} imports {module}"
        assert not (part == "reward" and other == "data_synth") or module.startswith("data_synth.answers")
        assert module.split(".")[0] not in NEVER, f"imports {module}"
        assert not (part in NO_TORCH and module.split(".")[0] in ("torch", "transformers")), f"imports {module}"
    assert not LATE & {module.split(".")[0] for module in imports(tree, top_level=True)}, (
        "loads what is slow or optional"
    )
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        assert ast.unparse(call.func) not in ("eval", "exec", "compile", "torch.load", "np.load", "yaml.load")


def test_every_part_has_a_rule() -> None:
    found = {part for _, part in map(parts_of, FILES)} - {"__init__"}
    assert found <= MAY_IMPORT.keys(), f"add a line for {found - MAY_IMPORT.keys()}"


def test_files_stay_readable() -> None:
    assert not [path for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert not [path for path in FILES if path.stem in ("utils", "common", "base", "helpers")]
