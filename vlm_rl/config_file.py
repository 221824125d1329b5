"""From a YAML file and `--set key=value` overrides to a checked config, with errors that a person can act on."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from vlm_rl.config import ConfigError, TrainConfig


def load_config(path: str | Path, overrides: list[str] | None = None) -> TrainConfig:
    """Read a YAML file, apply `key.path=value` overrides (the value is YAML), validate. Raises ConfigError."""
    try:
        tree = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"config file not found: {path}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} must hold a mapping of sections, got {type(tree).__name__}")
    for override in overrides or []:
        apply_override(tree, override)
    return validate_config(tree, str(path))


def apply_override(tree: dict[str, Any], override: str) -> None:
    """Set one dotted key, in place; integers index lists: data.sources.0.image_size=64."""
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set wants key.path=value, got {override!r}")
    node: Any = tree
    *parents, last = key.split(".")
    for depth, part in enumerate(parents):
        if isinstance(node, list):
            node = _list_item(node, part, key)
            continue
        child = node.setdefault(part, {}) if isinstance(node, dict) else None
        if child is None and isinstance(node, dict):
            child = node[part] = {}
        if not isinstance(child, dict | list):
            raise ConfigError(f"--set {key}: {'.'.join(parents[: depth + 1])} is not a section")
        node = child
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {key}: {value!r} is not valid YAML: {error}") from None
    if isinstance(parsed, str):
        parsed = _number(parsed)
    if isinstance(node, list):
        _list_item(node, last, key)
        node[int(last)] = parsed
    else:
        node[last] = parsed


def _number(text: str) -> str | float:
    """YAML 1.1 reads 3e-5 as text, which nobody who writes lr=3e-5 means."""
    try:
        return float(text)
    except ValueError:
        return text


def _list_item(node: list[Any], part: str, key: str) -> Any:
    if not part.isdigit() or int(part) >= len(node):
        raise ConfigError(f"--set {key}: {part!r} must be an index below {len(node)}")
    return node[int(part)]


def validate_config(tree: dict[str, Any], where: str) -> TrainConfig:
    try:
        return TrainConfig.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(
            f"{where} is not a valid config:\n" + "\n".join(_explain(tree, row) for row in error.errors())
        ) from None


def _explain(tree: dict[str, Any], row: Any) -> str:
    """One line for one mistake: what, rule, value, and for an unknown key the nearest known one."""
    # pydantic puts the union tag (synth, jsonl ...) into the path of a source: not a key that anyone wrote
    path = [part for part in row["loc"] if part not in ("synth", "jsonl", "webdataset", "datasets")]
    key = ".".join(str(part) for part in path)
    if row["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, known_keys(), n=1, cutoff=0.0)
        return f"  {key}: unknown key; did you mean {near[0]}?" if near else f"  {key}: unknown key"
    if row["type"] == "missing":
        return f"  {key}: required, and missing"
    return f"  {key or 'config'}: {row['msg'].removeprefix('Value error, ')}, got {_short(row['input'])}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def known_keys() -> list[str]:
    """Every dotted key, and the sections that they stand in."""
    paths = [key.split(".") for key, _, _ in describe()]
    return sorted({".".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1)})


def describe(section: type[BaseModel] = TrainConfig, prefix: str = "") -> list[tuple[str, str, str]]:
    """Rows (dotted key, default, what it does) for --help and the docs."""
    rows: list[tuple[str, str, str]] = []
    for name, field in section.model_fields.items():
        key = f"{prefix}{name}"
        inner = _section_of(field.annotation)
        if field.description or not inner:
            default = "required" if field.is_required() else _short(field.default)
            rows.append((key, "" if inner else default, " ".join((field.description or "").split())))
        for part in inner:
            dot = ".0." if name == "sources" else "."
            rows += describe(part, key + dot)
    return rows


def _section_of(annotation: Any) -> list[type[BaseModel]]:
    """The sections inside an annotation: Section, Section | None, tuple[A | B, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for part in getattr(annotation, "__args__", ()):
        found += [section for section in _section_of(part) if section not in found]
    return found
