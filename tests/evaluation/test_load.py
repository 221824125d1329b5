"""Benchmark data are read with their real schemas, from every layout that copies have, and refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmark_data import (
    MATHVISION,
    MATHVISTA,
    MMMU,
    WRITERS,
    hub_copy,
    mathvision,
    mathvista,
    mmmu,
    parquet,
    picture,
    table,
)
from datasets import DatasetDict, concatenate_datasets

from vlm_rl.evaluation.evaluate import Benchmark, Settings, load_benchmark
from vlm_rl.evaluation.questions import digest_of, place_images
from vlm_rl.evaluation.specs import SPECS

pytestmark = pytest.mark.usefixtures("own_dataset_cache")


def loaded(benchmark: str, data: Path, **settings: Any) -> Benchmark:
    if benchmark == "mmmu":
        settings = {"subset": "Accounting,Art_Theory"} | settings
    return load_benchmark(Settings(benchmark, "policy", data=data, **settings))


def ids(benchmark: Benchmark) -> list[str]:
    return [question.id for question in benchmark.questions]


@pytest.mark.parametrize("name", WRITERS)
def test_every_benchmark_loads_from_a_copy_of_its_repository(name: str, tmp_path: Path) -> None:
    benchmark = loaded(name, hub_copy(name, tmp_path))
    assert len(benchmark.questions) >= 2
    for question in benchmark.questions:
        assert question.text.count("<image>") == len(question.images)
        assert all(question.open_image(column).mode == "RGB" for column in question.images)
        assert question.gold and question.asked
        assert all(isinstance(values, list) and all(values) for values in question.categories.values())
        json.dumps(question.record)  # no image in it


def test_images_come_in_the_order_of_their_marks_and_twice_if_named_twice(tmp_path: Path) -> None:
    first, options, _, *_ = loaded("mmmu", hub_copy("mmmu", tmp_path)).questions
    assert first.images == ("image_2", "image_1", "image_2")
    assert first.text.startswith("Compare <image> with <image>. Is <image> larger?")
    assert [first.open_image(column).getpixel((0, 0)) for column in first.images] == [(12,) * 3, (11,) * 3, (12,) * 3]
    assert options.images == ("image_1", "image_2", "image_3", "image_4") and "(B) <image>" in options.text
    assert options.options == ("<image 1>", "<image 2>", "<image 3>", "<image 4>")


def test_shuffled_options_of_mmmu_pro_keep_their_images(tmp_path: Path) -> None:
    shuffled, nested = loaded("mmmu_pro", hub_copy("mmmu_pro", tmp_path)).questions
    assert shuffled.images == ("image_2", "image_1") and "H. <image>\nI. <image>" in shuffled.text
    assert nested.options == ("one", "two")
    (vision,) = loaded("mmmu_pro", tmp_path, subset="vision").questions
    assert vision.images == ("image",) and vision.text.startswith("<image>\nWrite out the multiple-choice question")


def test_fields_survive_their_storage(tmp_path: Path) -> None:
    """Lists as text, float64 with nulls, structs with lists in them, a list as gold answer."""
    choice, integer, one, two, listed = loaded("mathvista", hub_copy("mathvista", tmp_path / "a")).questions
    assert choice.options == ("dog", "cat") and integer.options is None
    assert [q.asked["precision"] for q in (choice, integer, one, two) if q.asked] == [None, None, 1.0, 2.0]
    assert "(Unit: g)" in integer.text and "one decimal place" in one.text and "two decimal places" in two.text
    assert listed.gold == "[1, 2]"
    assert choice.categories["skills"] == ["algebraic reasoning", "statistical reasoning"]
    quoted, _, opened, *_ = loaded("mmmu", hub_copy("mmmu", tmp_path / "b")).questions
    assert quoted.options == ("Yes", "No, it's not", "Equal") and opened.gold == "24/7 | 3.429"


def _saved_dict(root: Path) -> None:
    DatasetDict({"testmini": table(mathvista(), MATHVISTA)}).save_to_disk(root)


def _jsonl_with_paths(root: Path) -> None:
    """Rows as JSON, pictures as files beside them."""
    (root / "images").mkdir(parents=True)
    rows = []
    for row in mathvista():
        (root / row["image"]).write_bytes(row["decoded_image"]["bytes"])
        rows.append({key: value for key, value in row.items() if key != "decoded_image"})
    (root / "testmini.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


LAYOUTS = {
    "data/SPLIT-*.parquet": lambda root: hub_copy("mathvista", root),
    "SPLIT.parquet": lambda root: parquet(root / "testmini.parquet", mathvista(), MATHVISTA),
    "SPLIT/*.parquet": lambda root: parquet(root / "testmini" / "0000.parquet", mathvista(), MATHVISTA),
    "save_to_disk, all splits": _saved_dict,
    "save_to_disk, one split": lambda root: table(mathvista(), MATHVISTA).save_to_disk(root),
    "SPLIT.jsonl": _jsonl_with_paths,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_a_copy_does_not_matter(layout: str, tmp_path: Path) -> None:
    LAYOUTS[layout](tmp_path / "copy")
    hub_copy("mathvista", tmp_path / "hub")
    benchmark, reference = (loaded("mathvista", tmp_path / name) for name in ("copy", "hub"))
    assert digest_of(benchmark.questions) == digest_of(reference.questions)
    assert [question.asked for question in benchmark.questions] == [question.asked for question in reference.questions]
    for question, other in zip(benchmark.questions, reference.questions, strict=True):
        assert question.open_image("decoded_image").tobytes() == other.open_image("decoded_image").tobytes()


def test_one_file_is_a_copy_too(tmp_path: Path) -> None:
    parquet(tmp_path / "mine.parquet", mathvision(), MATHVISION)
    assert ids(loaded("mathvision", tmp_path / "mine.parquet")) == ["1", "2", "3", "4"]


def test_a_table_of_all_subjects_gives_those_that_are_asked_for(tmp_path: Path) -> None:
    both = [table(mmmu(subject), MMMU) for subject in ("Art_Theory", "Accounting")]
    (tmp_path / "data").mkdir()
    concatenate_datasets(both).to_parquet(tmp_path / "data" / "validation-00000-of-00001.parquet")
    assert len(loaded("mmmu", tmp_path, subset=None).questions) == 6
    for subset in ("Accounting", "Accounting,Art"):
        found = ids(loaded("mmmu", tmp_path, subset=subset))
        assert found == [f"validation_Accounting_{number}" for number in (1, 2, 3)]


def test_subsets_are_loaded_in_the_order_of_the_hub(tmp_path: Path) -> None:
    benchmark = loaded("aime2025", hub_copy("aime2025", tmp_path))
    assert ids(benchmark) == ["AIME2025-I/0", "AIME2025-I/1", "AIME2025-II/0", "AIME2025-II/1"]
    assert (benchmark.subset, benchmark.published) == ("test", 30)
    assert ids(loaded("aime2025", tmp_path, subset="AIME2025-II")) == ["AIME2025-II/0", "AIME2025-II/1"]


def test_withheld_answers_are_none_and_published_ones_are_not(tmp_path: Path) -> None:
    hidden = loaded("mathvista", hub_copy("mathvista", tmp_path / "a"), split="test")
    assert len(hidden.questions) == 5 and all(q.gold is None and q.asked is None for q in hidden.questions)
    hidden = loaded("mmmu", hub_copy("mmmu", tmp_path / "b"), split="test")
    assert all(question.gold is None for question in hidden.questions)
    rows = [row | {"answer": ""} for row in mathvista()]
    parquet(tmp_path / "testmini.parquet", rows, MATHVISTA)
    with pytest.raises(ValueError, match=r"row 0: MathVista record 1: answer must be one of the choices"):
        loaded("mathvista", tmp_path / "testmini.parquet")  # this split has answers, so an empty one is a mistake


def test_a_limit_takes_questions_from_all_over(tmp_path: Path) -> None:
    hub_copy("mmmu", tmp_path)
    everything = ids(loaded("mmmu", tmp_path))
    assert ids(loaded("mmmu", tmp_path, limit=3)) == everything[::2]
    assert ids(loaded("mmmu", tmp_path, limit=100)) == everything


def test_large_images_are_scaled_down_to_the_budget(tmp_path: Path) -> None:
    rows = [mathvision()[2] | {"decoded_image": picture(1, (400, 100))}]
    parquet(tmp_path / "test.parquet", rows, MATHVISION)
    (question,) = loaded("mathvision", tmp_path, image_max_pixels=10_000).questions
    assert question.open_image("decoded_image").size == (200, 50)


def without(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != column} for row in rows]


BROKEN: dict[str, tuple[list[dict[str, Any]], str]] = {
    "no level": (without(mathvision(), "level"), r"lacks the columns level; it has answer, decoded_image"),
    "no picture column": (
        without(without(mathvision(), "decoded_image"), "image"),
        r"lacks the columns decoded_image\|image",
    ),
    "same id": ([*mathvision(), mathvision()[0]], r"row 4: the id '1' comes twice"),
    "no picture": (
        [mathvision()[0] | {"decoded_image": None, "image": None}],
        r"row 0: 1: each mark needs an image; there are <image> and no image",
    ),
    "gold is no option": ([mathvision()[0] | {"answer": "F"}], r"row 0: MATH-Vision record 1: answer must be one of"),
    "empty id": ([mathvision()[0] | {"id": ""}], r"row 0: column 'id' must not be empty"),
    "no rows": ([], r"cannot read .*test.parquet: .*no data"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_data_of_another_form_are_refused_by_name(case: str, tmp_path: Path) -> None:
    rows, message = BROKEN[case]
    features = type(MATHVISION)({key: MATHVISION[key] for key in (rows or mathvision())[0]})
    parquet(tmp_path / "test.parquet", rows, features)
    with pytest.raises(ValueError, match=message):
        loaded("mathvision", tmp_path)


def test_an_unreadable_picture_names_its_row(tmp_path: Path) -> None:
    rows = [mathvision()[0] | {"decoded_image": {"bytes": b"no picture", "path": None}}]
    parquet(tmp_path / "test.parquet", rows, MATHVISION)
    (question,) = loaded("mathvision", tmp_path).questions
    with pytest.raises(ValueError, match=r"row 0, column 'decoded_image': not a readable PNG"):
        question.open_image("decoded_image")


def test_missing_parts_of_a_copy_are_named(tmp_path: Path) -> None:
    hub_copy("mmmu", tmp_path / "mmmu")
    with pytest.raises(ValueError, match=r"not of .*Agriculture.*name with --subset those that there are"):
        loaded("mmmu", tmp_path / "mmmu", subset=None)
    with pytest.raises(ValueError, match=r"holds no split 'dev': looked for dev-\*\.parquet"):
        loaded("mmmu", tmp_path / "mmmu", split="dev")
    hub_copy("mathvista", tmp_path / "mathvista")
    (tmp_path / "mathvista" / "data" / "test-00001-of-00002-7.parquet").unlink()
    with pytest.raises(ValueError, match=r"has 1 of 2 files such as test-00000-of-00002-7.parquet"):
        loaded("mathvista", tmp_path / "mathvista", split="test")
    with pytest.raises(ValueError, match="does not exist"):
        loaded("mathvista", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"benchmark": "mathvist"},
            r"unknown benchmark 'mathvist'; did you mean mathvista\? there are .*syn",
        ),
        ({"benchmark": "mmmu", "split": "train"}, r"--split of MMMU/MMMU must be one of validation, dev, test"),
        ({"benchmark": "mmmu", "subset": "Acounting"}, r"did you mean 'Accounting'\?"),
        ({"benchmark": "mathvista", "subset": "x"}, r"it has none"),
        ({"benchmark": "mmmu", "variant": "cot"}, r"prompt variant must be one of official, boxed, got 'cot'"),
        ({"benchmark": "mmmu", "samples": 0}, r"--samples must be >= 1, got 0"),
        ({"benchmark": "mmmu", "samples": 4}, r"--samples 4 needs --temperature above 0"),
        ({"benchmark": "mmmu", "temperature": -1.0}, r"--temperature must be in 0"),
        ({"benchmark": "mmmu", "engine": "vlm"}, r"--engine must be one of embedded, vllm, got 'vlm'"),
        ({"benchmark": "mmmu", "dtype": "int8"}, r"--dtype must be one of float32"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_benchmark(Settings(policy="policy", **settings))


def test_marks_find_their_columns() -> None:
    assert place_images("a <image 3> b <image 1>", ["image_1", "image_3"], "q") == (
        "a <image> b <image>",
        ("image_3", "image_1"),
    )
    assert place_images("no mark", ["image_1", "image_2"], "q") == ("<image>\n<image>\nno mark", ("image_1", "image_2"))
    assert place_images("<image>\nsee <image1>", ["decoded_image"], "q")[1] == ("decoded_image",)
    with pytest.raises(ValueError, match="each mark needs an image"):
        place_images("<image 2>", ["image_1"], "q")


def test_the_sizes_of_the_benchmarks_are_those_of_their_cards() -> None:
    assert {name: dict(spec.splits) for name, spec in SPECS.items()} == {
        "mathvista": {"testmini": 1000, "test": 5141},
        "mmmu": {"validation": 900, "dev": 150, "test": 10500},
        "mmmu_pro": {"test": 1730},
        "mathvision": {"test": 3040, "testmini": 304},
        "math500": {"test": 500},
        "aime2024": {"train": 30},
        "aime2025": {"test": 30},
    }
    assert len(SPECS["mmmu"].subsets) == 30
