"""Every knob is described, and every mistake in a config is named with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from toy_run import ROOT, toy_tree

from vlm_rl.config import ConfigError, FileSource, Section, SynthSource, TrainConfig
from vlm_rl.config_file import apply_override, describe, load_config, validate_config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(toy_tree(tmp_path / "run")))
    return path


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_config_is_valid(path: Path) -> None:
    assert load_config(path).output_dir.startswith("runs/")


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("optim.tua", "optim.tau"),
        ("rollout.segment_token", "rollout.segment_tokens"),
        ("num_iteration", "num_iterations"),
        ("data.sources.0.famlies", "data.sources.0.families"),
        ("policy.assemble.vision_encoder.nmae", "policy.assemble.vision_encoder.name"),
    ],
)
def test_an_unknown_key_names_the_nearest(file: Path, key: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match=rf"(?m)^  {key}: unknown key; did you mean {nearest}\?$"):
        load_config(file, [f"{key}=1"])


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("optim.tau=0", "optim.tau: Input should be greater than 0, got 0"),
        ("optim.tau=.nan", "optim.tau: Input should be greater than 0, got nan"),
        ("rollout.segment_tokens=many", "rollout.segment_tokens: Input should be a valid integer.* got 'many'"),
        ("rollout.segment_tokens=2.5", "rollout.segment_tokens: Input should be a valid integer.* got 2.5"),
        ("rollout.group_size=1", "rollout.group_size: Input should be greater than or equal to 2, got 1"),
        ("optim.loss=ppo", "optim.loss: Input should be 'omd', 'grpo', 'reinforce' or 'rest', got 'ppo'"),
        ("data.sources=[]", r"data: sources must name at least one source.*, got {'sources': \[\]}"),
        ("data.sources.0.image_size=16", "data.sources.0.image_size: .* greater than or equal to 32, got 16"),
        ("data.modality_mix={smell: 1}", "data.modality_mix.smell.*'text', 'image', .* or 'mixed', got 'smell'"),
        ("output_dir=null", "output_dir: Input should be a valid string, got None"),
    ],
)
def test_a_wrong_value_is_named_with_the_rule(file: Path, override: str, line: str) -> None:
    with pytest.raises(ConfigError, match=f"(?m)^  {line}$") as caught:
        load_config(file, [override])
    assert str(caught.value).startswith(f"{file} is not a valid config:\n")


@pytest.mark.parametrize(
    ("overrides", "rule"),
    [
        (["rollout.segment_tokens=99"], "rollout.segment_tokens must be <= rollout.max_response_tokens .15., got 99"),
        (["policy.path=somewhere"], "policy needs exactly one of path and assemble"),
        (["policy.assemble=null"], "policy needs exactly one of path and assemble"),
        (["data.sources.0={kind: jsonl, path: x}"], "warmup needs program traces: .* or set warmup: null"),
        (
            ["data.sources.0={kind: jsonl, path: x}", "warmup=null", "eval.every=5"],
            "eval.every needs held-out items: .* or set eval.every: 0",
        ),
    ],
)
def test_rules_between_fields_are_checked(file: Path, overrides: list[str], rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        load_config(file, overrides)


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(file, ["optim.tau=-1", "sampler.floor=2", "checkpoint.kep=3"])
    assert len(str(caught.value).splitlines()) == 4


def test_overrides_take_numbers_lists_mappings_and_null(file: Path) -> None:
    cfg = load_config(
        file,
        [
            "optim.lr=3e-5",
            "optim.betas=[0.5, 0.6]",
            "data.sources.0.families={expression: [1, 2]}",
            "data.sources.0.image_size=64",
            "policy.freeze=[vision_tower]",
            "warmup=null",
            "output_dir=a=b",
            "save_rollouts=false",
        ],
    )
    source = cfg.data.sources[0]
    assert isinstance(source, SynthSource)
    assert (cfg.optim.lr, cfg.optim.betas, cfg.warmup, cfg.output_dir) == (3e-5, (0.5, 0.6), None, "a=b")
    assert (source.families, source.image_size) == ({"expression": (1, 2)}, 64)
    assert cfg.policy.freeze == ("vision_tower",)
    assert cfg.save_rollouts is False


def test_an_override_makes_the_sections_on_its_way() -> None:
    tree: dict[str, Any] = {"optim": None}
    apply_override(tree, "warmup.steps=3")
    apply_override(tree, "optim.lr=1")
    assert tree == {"optim": {"lr": 1}, "warmup": {"steps": 3}}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optim.lr", "--set wants key.path=value, got 'optim.lr'"),
        ("=3", "--set wants key.path=value, got '=3'"),
        ("data.sources.7.image_size=64", "--set data.sources.7.image_size: '7' must be an index below 1"),
        ("data.sources.x=1", "--set data.sources.x: 'x' must be an index below 1"),
        ("seed.x=1", "--set seed.x: seed is not a section"),
        ("optim.betas=[1", "--set optim.betas: .* is not valid YAML"),
    ],
)
def test_a_malformed_override_is_refused(file: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(file, [override])


def test_yaml_1_1_scientific_notation_is_a_number(file: Path) -> None:
    file.write_text(file.read_text().replace("lr: 3.0e-05", "lr: 4e-5"))
    assert load_config(file).optim.lr == 4e-5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "config file not found: "),
        (b"a: [1", "is not valid YAML"),
        (b"\xff\xfe\x00", "is not valid YAML"),
        (b"- 1", "must hold a mapping of sections, got list"),
        (b"", "must hold a mapping of sections, got NoneType"),
    ],
)
def test_a_file_that_is_no_config_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "bad.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{tmp_path} cannot be read: "):
        load_config(tmp_path)


def leaves(section: type[Section], prefix: str = "") -> set[str]:
    """Every dotted key by pydantic's own schema: an independent way to what `describe` lists."""
    schema = section.model_json_schema()

    def walk(node: dict[str, Any], prefix: str) -> set[str]:
        found: set[str] = set()
        for name, part in node.get("properties", {}).items():
            inner = [ref for ref in refs(part) if schema["$defs"][ref].get("properties")]
            dot = ".0." if part.get("type") == "array" else "."
            for ref in inner:
                found |= walk(schema["$defs"][ref], f"{prefix}{name}{dot}")
            if not inner:
                found.add(prefix + name)
        return found

    def refs(part: Any) -> list[str]:
        if isinstance(part, list):
            return [ref for one in part for ref in refs(one)]
        if not isinstance(part, dict):
            return []
        own = [str(part["$ref"]).rsplit("/", 1)[1]] if "$ref" in part else []
        return own + [ref for key, one in part.items() if key not in ("default", "discriminator") for ref in refs(one)]

    return walk(schema, prefix)


def test_help_describes_every_knob() -> None:
    rows = describe()
    keys = [key for key, _, _ in rows]
    assert leaves(TrainConfig) <= set(keys)
    for key, _, text in rows:
        assert key.endswith(".kind") or len(text.split()) >= 2, f"{key} has no description"


def test_help_states_the_default_of_every_knob() -> None:
    defaults = {key: default for key, default, _ in describe() if key in leaves(TrainConfig)}
    assert all(defaults.values())
    assert defaults["num_iterations"] == "required"
    assert (defaults["optim.tau"], defaults["rollout.group_size"], defaults["optim.loss"]) == ("0.1", "8", "'omd'")


def test_defaults_of_files_and_code_are_one(tmp_path: Path) -> None:
    tree = toy_tree(tmp_path)
    written = validate_config(tree, "toy")
    again = validate_config(yaml.safe_load(yaml.safe_dump(written.model_dump(mode="json"))), "its dump")
    assert again == written  # config.yaml of a run is the run's config


def test_a_source_of_each_kind_is_told_apart() -> None:
    def first_source(source: dict[str, Any]) -> Any:
        return validate_config(toy_tree(Path("x"), data__sources=[source], warmup=None), "x").data.sources[0]

    assert isinstance(first_source({"kind": "synth", "families": {"f": [0]}}), SynthSource)
    for kind in ("jsonl", "webdataset", "datasets"):
        assert isinstance(first_source({"kind": kind, "path": "p"}), FileSource)
    with pytest.raises(ConfigError, match="'synth', 'jsonl'"):
        first_source({"kind": "csv", "path": "p"})
