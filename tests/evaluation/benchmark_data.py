"""Benchmark data in small, with the real schemas: every column and type as the data sets' cards have them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Image, Sequence, Value
from PIL import Image as Pictures

STRINGS = Sequence(Value("string"))


def picture(shade: int, size: tuple[int, int] = (40, 24), form: str = "PNG") -> dict[str, Any]:
    """A grey picture as `datasets` stores it; the shade tells pictures apart."""
    encoded = io.BytesIO()
    Pictures.new("RGB", size, (shade, shade, shade)).save(encoded, form)
    return {"bytes": encoded.getvalue(), "path": f"{shade}.{form.lower()}"}


MATHVISTA = Features(
    {
        "pid": Value("string"),
        "question": Value("string"),
        "image": Value("string"),
        "decoded_image": Image(),
        "choices": STRINGS,
        "unit": Value("string"),
        "precision": Value("float64"),
        "answer": Value("string"),
        "question_type": Value("string"),
        "answer_type": Value("string"),
        "metadata": {
            "split": Value("string"),
            "language": Value("string"),
            "img_width": Value("int64"),
            "img_height": Value("int64"),
            "source": Value("string"),
            "category": Value("string"),
            "task": Value("string"),
            "context": Value("string"),
            "grade": Value("string"),
            "skills": STRINGS,
        },
        "query": Value("string"),
    }
)


def mathvista(answers: bool = True) -> list[dict[str, Any]]:
    """One question of each kind: choice, integer with a unit, floats of both precisions, list."""
    asked: list[dict[str, Any]] = [
        {"answer": "cat", "question_type": "multi_choice", "answer_type": "text", "choices": ["dog", "cat"]},
        {"answer": "12", "question_type": "free_form", "answer_type": "integer", "unit": "g"},
        {"answer": "1.5", "question_type": "free_form", "answer_type": "float", "precision": 1.0},
        {"answer": "2.25", "question_type": "free_form", "answer_type": "float", "precision": 2.0},
        {"answer": "[1, 2]", "question_type": "free_form", "answer_type": "list"},
    ]
    rows = []
    for number, fields in enumerate(asked, start=1):
        metadata = {
            "split": "testmini",
            "language": "english",
            "img_width": 40,
            "img_height": 24,
            "source": "made",
            "category": "math-targeted-vqa" if number % 2 else "general-vqa",
            "task": f"task {number % 2}",
            "context": "table",
            "grade": "high school",
            "skills": ["algebraic reasoning", "statistical reasoning"][: 1 + number % 2],
        }
        row: dict[str, Any] = dict.fromkeys(MATHVISTA) | {"pid": str(number), "question": f"What is number {number}?"}
        row |= {"image": f"images/{number}.jpg", "decoded_image": picture(number, form="JPEG"), "metadata": metadata}
        rows.append(row | fields | {"query": "Hint: ..."} | ({} if answers else {"answer": ""}))
    return rows


MMMU = Features(
    {
        "id": Value("string"),
        "question": Value("string"),
        "options": Value("string"),
        "explanation": Value("string"),
        **{f"image_{number}": Image() for number in range(1, 8)},
        "img_type": Value("string"),
        "answer": Value("string"),
        "topic_difficulty": Value("string"),
        "question_type": Value("string"),
        "subfield": Value("string"),
    }
)


def mmmu(subject: str, split: str = "validation", answers: bool = True) -> list[dict[str, Any]]:
    """Interleaved pictures, one of them twice; pictures as options; an open question with a list as its gold answer."""
    asked: list[dict[str, Any]] = [
        {
            "question": "Compare <image 2> with <image 1>. Is <image 2> larger?",
            "options": "['Yes', \"No, it's not\", 'Equal']",
            "answer": "B",
            "image_1": picture(11),
            "image_2": picture(12),
        },
        {
            "question": "Which is the cat?",
            "options": "['<image 1>', '<image 2>', '<image 3>', '<image 4>']",
            "answer": "D",
            **{f"image_{number}": picture(20 + number) for number in range(1, 5)},
        },
        {
            "question": "<image 1> How long?",
            "options": "[]",
            "answer": "['24/7', '3.429']",
            "question_type": "open",
            "image_1": picture(31),
        },
    ]
    return [
        dict.fromkeys(MMMU)
        | {"id": f"{split}_{subject}_{number}", "img_type": "['Tables']", "question_type": "multiple-choice"}
        | {"topic_difficulty": "Easy", "subfield": "made", "explanation": ""}
        | fields
        | ({} if answers else {"answer": "?"})
        for number, fields in enumerate(asked, start=1)
    ]


MMMU_PRO = Features(
    {
        "id": Value("string"),
        "question": Value("string"),
        "options": Value("string"),
        "explanation": Value("string"),
        **{f"image_{number}": Image() for number in range(1, 8)},
        "img_type": Value("string"),
        "answer": Value("string"),
        "topic_difficulty": Value("string"),
        "subject": Value("string"),
    }
)


def mmmu_pro() -> list[dict[str, Any]]:
    """Ten options, with image 2 before image 1; and the one record whose list of options is nested."""
    shared = dict.fromkeys(MMMU_PRO) | {"subject": "Accounting", "topic_difficulty": "Hard", "img_type": "['Tables']"}
    ten = [*"abcdefg", "<image 2>", "<image 1>", "j"]
    pictures = {"image_1": picture(41), "image_2": picture(42)}
    return [
        shared | {"id": "test_Accounting_7", "question": "Which?", "options": str(ten), "answer": "H"} | pictures,
        shared
        | {"id": "validation_Accounting_29", "question": "<image 1> Nested?", "image_1": picture(43)}
        | {"options": "[['one', 'two']]", "answer": "B"},
    ]


MMMU_PRO_VISION = Features(
    {
        "id": Value("string"),
        "image": Image(),
        "options": Value("string"),
        "answer": Value("string"),
        "subject": Value("string"),
    }
)


def mmmu_pro_vision() -> list[dict[str, Any]]:
    return [
        {
            "id": "test_History_1",
            "image": picture(51),
            "options": "['1', '2', '3']",
            "answer": "C",
            "subject": "History",
        }
    ]


MATHVISION = Features(
    {
        "id": Value("string"),
        "question": Value("string"),
        "options": STRINGS,
        "image": Value("string"),
        "decoded_image": Image(),
        "answer": Value("string"),
        "solution": Value("string"),
        "level": Value("int64"),
        "subject": Value("string"),
    }
)


def mathvision() -> list[dict[str, Any]]:
    """A choice, options drawn in the picture, a number, and a LaTeX answer that only Math-Verify can compare."""
    asked: list[tuple[str, list[str], str]] = [
        ("What is <image1>?", ["$1$", "$2$", "$3$", "$4$", "$5$"], "C"),
        ("Which of <image1>, <image2> fits?", [*"ABCDE"], "B"),
        ("How many?", [], "60"),
        ("How long?", [], "\\sqrt{2}"),
    ]
    return [
        dict.fromkeys(MATHVISION)
        | {"id": str(number), "question": question, "options": options, "answer": answer, "level": number}
        | {"image": f"images/{number}.jpg", "decoded_image": picture(60 + number), "subject": "counting"}
        for number, (question, options, answer) in enumerate(asked, start=1)
    ]


MATH500 = Features(
    {
        "problem": Value("string"),
        "solution": Value("string"),
        "answer": Value("string"),
        "subject": Value("string"),
        "level": Value("int64"),
        "unique_id": Value("string"),
    }
)


def math500() -> list[dict[str, Any]]:
    return [
        {
            "problem": f"Find ${number}^2$.",
            "solution": "",
            "answer": f"\\frac{{{2 * number**2}}}{{2}}",
            "subject": "Algebra",
            "level": number,
            "unique_id": f"test/algebra/{number}.json",
        }
        for number in (1, 2, 3)
    ]


AIME2024 = Features(
    {
        "id": Value("int64"),
        "problem": Value("string"),
        "solution": Value("string"),
        "answer": Value("string"),
        "url": Value("string"),
        "year": Value("string"),
    }
)


def aime2024() -> list[dict[str, Any]]:
    return [
        {"id": 60 + number, "problem": "?", "solution": "", "answer": answer, "url": "", "year": "2024"}
        for number, answer in enumerate(("204", "073"))
    ]


AIME2025 = Features({"question": Value("string"), "answer": Value("string")})


def aime2025() -> list[dict[str, Any]]:
    return [{"question": "Sum?", "answer": "70"}, {"question": "Product?", "answer": "588"}]


def table(rows: list[dict[str, Any]], features: Features) -> Dataset:
    return Dataset.from_dict({name: [row[name] for row in rows] for name in features}, features=features)


def parquet(path: Path, rows: list[dict[str, Any]], features: Features) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table(rows, features).to_parquet(path)


def hub_copy(benchmark: str, root: Path) -> Path:
    """The benchmark in the layout of its hub repository."""
    WRITERS[benchmark](root)
    return root


def _write_mmmu(root: Path) -> None:
    for subject in ("Accounting", "Art_Theory"):
        parquet(root / subject / "validation-00000-of-00001.parquet", mmmu(subject), MMMU)
        parquet(root / subject / "test-00000-of-00001.parquet", mmmu(subject, "test", answers=False), MMMU)


def _write_mathvista(root: Path) -> None:
    parquet(root / "data" / "testmini-00000-of-00001-7.parquet", mathvista(), MATHVISTA)
    parquet(root / "data" / "test-00000-of-00002-7.parquet", mathvista(answers=False)[:2], MATHVISTA)
    parquet(root / "data" / "test-00001-of-00002-7.parquet", mathvista(answers=False)[2:], MATHVISTA)


def _write_mmmu_pro(root: Path) -> None:
    for subset in ("standard (10 options)", "standard (4 options)"):
        parquet(root / subset / "test-00000-of-00001.parquet", mmmu_pro(), MMMU_PRO)
    parquet(root / "vision" / "test-00000-of-00001.parquet", mmmu_pro_vision(), MMMU_PRO_VISION)


def _write_math500(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    table(math500(), MATH500).to_json(root / "test.jsonl")


def _write_aime2025(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for part in ("I", "II"):
        table(aime2025(), AIME2025).to_json(root / f"aime2025-{part}.jsonl")


WRITERS: dict[str, Callable[[Path], None]] = {
    "mathvista": _write_mathvista,
    "mmmu": _write_mmmu,
    "mmmu_pro": _write_mmmu_pro,
    "mathvision": lambda root: parquet(root / "data" / "test-00000-of-00001.parquet", mathvision(), MATHVISION),
    "math500": _write_math500,
    "aime2024": lambda root: parquet(root / "data" / "train-00000-of-00001.parquet", aime2024(), AIME2024),
    "aime2025": _write_aime2025,
}
