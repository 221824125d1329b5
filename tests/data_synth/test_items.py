"""The item contract: ids, splits, modalities, prompts, programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

import data_synth
from data_synth import FAMILIES, GEN_VERSION, LEVELS, Item, make, replay
from data_synth.program import ARITHMETIC, Program
from data_synth.rng import Rng, keyed_hash

CELLS = [(family, level) for family in FAMILIES for level in LEVELS]
SHORT = ("scene_count", "spatial_rel", "bar_chart", "table_lookup", "expression")  # for small policies at levels 0, 1

FINGERPRINT = """
import hashlib, json, data_synth
rows = []
for family in data_synth.FAMILIES:
    for level in data_synth.LEVELS:
        item = data_synth.make(family, level, 3)
        modality = item.modalities[-1]
        pixels = hashlib.sha256(item.images(modality, 64)[0].tobytes()).hexdigest()
        rows.append([item.content_hash, item.prompt(modality), item.trace(modality, 2), item.answer.to_text(), pixels])
print(json.dumps(rows))
"""


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_an_id_gives_back_its_item(family: str, level: int) -> None:
    item = make(family, level, 7)
    assert item.id == f"{family}/{level}/7@{GEN_VERSION}"
    again = Item.from_id(item.id)
    assert again == item
    assert again.content_hash == item.content_hash


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_items_do_not_depend_on_the_hash_seed_or_the_process(seed: str) -> None:
    here = [
        [item.content_hash, item.prompt(item.modalities[-1]), item.trace(item.modalities[-1], 2), item.answer.to_text()]
        for item in (make(family, level, 3) for family, level in CELLS)
    ]
    out = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = json.loads(out)
    assert [row[:4] for row in rows] == here
    assert len({row[4] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("bad_id", "says"),
    [
        ("scene_count/0/1@0", "generator version"),
        ("scene_count/0/1", "generator version"),
        ("scene_count/0@1", "looks like"),
        ("scene_count/0/-1@1", "looks like"),
        ("scene_count/00/1@1", "looks like"),
        ("scene_count/0/01@1", "looks like"),
        ("scene_count/0/1/2@1", "looks like"),
        ("scene_count/\u0661/2@1", "looks like"),
        ("scene_cuont/0/1@1", "did you mean scene_count"),
        ("scene_count/9/1@1", "0 .. 4"),
        ("", "looks like"),
    ],
)
def test_bad_ids_say_what_is_wrong(bad_id: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Item.from_id(bad_id)


def test_unknown_families_levels_and_indices_are_named() -> None:
    with pytest.raises(ValueError, match="did you mean expression"):
        make("expresion", 0, 0)
    with pytest.raises(ValueError, match="did you mean bar_chart"):
        data_synth.cell_modalities("bar_charts")
    with pytest.raises(ValueError, match="level of bar_chart"):
        make("bar_chart", 5, 0)
    with pytest.raises(ValueError, match="index"):
        make("bar_chart", 0, -1)


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_prompts_place_the_image_first_and_end_with_the_form_of_the_answer(family: str, level: int) -> None:
    for index in range(30):
        item = make(family, level, index)
        for modality in (known for known in item.modalities if known in data_synth.DEFAULT_MODALITIES):
            prompt = item.prompt(modality)
            assert prompt.count("<image>") == len(item.images(modality, 32)) == (modality != "text") * item.pictures
            assert modality == "text" or prompt.startswith(("<image>\n", "Image 1: <image>\n"))
            assert prompt.endswith(f"\\boxed{{{item.form}}}.")
            most = 40 if family in SHORT else 80
            assert level > 1 or (modality == "text" and not item.alone) or len(prompt.split()) <= most


@pytest.mark.parametrize("level", LEVELS)
def test_a_rendered_prompt_keeps_its_content_to_the_picture(level: int) -> None:
    for index in range(50):
        item = make("expression", level, index)
        assert item.scene["text"].replace(", ", " and ") in item.prompt("text")
        assert not any(character.isdecimal() for character in item.prompt("rendered"))
        assert item.trace("text", 1) == item.trace("rendered", 1)


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_every_question_form_has_many_wordings(family: str, level: int) -> None:
    digits = str.maketrans("", "", "0123456789")
    openings = {make(family, level, index).question.translate(digits).split()[0] for index in range(200)}
    assert len(openings) >= 5


def test_a_wrong_modality_or_size_is_an_error() -> None:
    item = make("scene_count", 0, 0)
    with pytest.raises(ValueError, match="has the modalities image, photo, screenshot, got 'text'"):
        item.prompt("text")
    with pytest.raises(ValueError, match="has the modalities"):
        item.trace("rendered", 0)
    with pytest.raises(ValueError, match="32 .. 2048"):
        item.images("image", 8)


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_replay_notices_a_changed_step_and_a_changed_answer(family: str, level: int) -> None:
    item = make(family, level, 5)
    last = item.program[-1]
    with pytest.raises(ValueError, match="the program says"):
        replay(replace(item, program=(*item.program[:-1], replace(last, value="other"))))
    other = make(family, level, next(n for n in range(6, 50) if make(family, level, n).answer != item.answer))
    with pytest.raises(ValueError, match="the gold answer is"):
        replay(replace(item, answer=other.answer))


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_scenes_and_programs_are_json_and_geometry_is_integers(family: str, level: int) -> None:
    def no_floats(value: object) -> bool:
        if isinstance(value, dict):
            return all(map(no_floats, value.values()))
        if isinstance(value, list | tuple):
            return all(map(no_floats, value))
        return not isinstance(value, float)

    item = make(family, level, 11)
    json.dumps([item.scene, [[step.op, step.inputs, step.args, step.type, step.value] for step in item.program]])
    assert no_floats(item.scene)


def test_ill_typed_programs_cannot_be_built() -> None:
    program = Program(SCENE_OPS, {"objects": []})
    objects = program.do("filter", where={"shape": "circle"})
    with pytest.raises(TypeError, match="operation add takes"):
        program.do("add", objects, objects)
    with pytest.raises(TypeError, match="operation add takes"):
        program.do("add", program.do("number", value=1))
    with pytest.raises(KeyError):
        program.do("power", objects)


SCENE_OPS = FAMILIES["scene_count"].ops


def test_variadic_operations_need_at_least_one_value() -> None:
    program = Program(ARITHMETIC, {})
    with pytest.raises(TypeError, match="operation sum takes"):
        program.do("sum")
    one = program.do("number", value=4)
    assert program.value(program.do("sum", one, one, one)) == 12


def test_draws_are_those_of_the_documented_stream() -> None:
    """Golden draws: a change here changes every item, and needs a new generator version."""
    rng = Rng("golden", 1)
    values = list(range(6))
    rng.shuffle(values)
    drawn = [rng.randrange(1000), rng.between(-3, 3), rng.sample("abcdef", 3), values, rng.split(10, 3, 1, 6)]
    assert drawn == GOLDEN_DRAWS
    assert keyed_hash("a", 1) != keyed_hash("a", "1")
    assert keyed_hash("ab", "c") != keyed_hash("a", "bc")


GOLDEN_DRAWS: list[object] = [339, -2, ["f", "a", "b"], [1, 3, 5, 4, 2, 0], [1, 4, 5]]


@pytest.mark.parametrize(
    ("total", "parts", "low", "high"), [(10, 3, 1, 6), (3, 3, 1, 6), (18, 3, 1, 6), (-4, 2, -9, 9)]
)
def test_splits_keep_total_and_bounds(total: int, parts: int, low: int, high: int) -> None:
    rng = Rng("split", total)
    for _ in range(100):
        values = rng.split(total, parts, low, high)
        assert sum(values) == total
        assert len(values) == parts
        assert all(low <= value <= high for value in values)


def test_impossible_draws_are_errors() -> None:
    rng = Rng("none")
    with pytest.raises(ValueError, match="randrange needs stop >= 1"):
        rng.randrange(0)
    with pytest.raises(ValueError, match="cannot sample 3 of 2"):
        rng.sample([1, 2], 3)
    with pytest.raises(ValueError, match="cannot split 19"):
        rng.split(19, 3, 1, 6)


def test_draws_are_uniform() -> None:
    rng, counts = Rng("uniform"), [0] * 7
    for _ in range(7000):
        counts[rng.randrange(7)] += 1
    assert all(850 < count < 1150 for count in counts)  # 5 standard deviations


def test_families_are_listed_under_their_own_names() -> None:
    assert all(name == family.name for name, family in FAMILIES.items())
