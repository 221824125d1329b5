"""Multiple choice: whoever sees the options alone is at chance, and everything about them is what the item says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from data_synth import Answer, Item, compare, make
from data_synth.choices import options
from data_synth.exact_number import term, write

COUNT = 4
CELLS = [
    ("scene_count", 0), ("scene_count", 2), ("spatial_rel", 0), ("spatial_rel", 1), ("spatial_rel", 3),
    ("bar_chart", 0), ("bar_chart", 1), ("bar_chart", 4), ("table_lookup", 1), ("expression", 1),
]  # fmt: skip
ITEMS = 2000 // len(CELLS)
MARGIN = 0.03

Sets = list[tuple[list[str], int]]


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str, int], Sets]:
    return {cell: [options(make(*cell, index), COUNT) for index in range(ITEMS)] for cell in CELLS}


def words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text)


def accuracy(cells: dict[tuple[str, int], Sets], score: Callable[[Sequence[str], int], float]) -> float:
    """Share of items on which the option with the highest score is right, ties by lot."""
    right, total = 0.0, 0
    for shown, gold in (one for sets in cells.values() for one in sets):
        scores = [score(shown, place) for place in range(len(shown))]
        best = [place for place, value in enumerate(scores) if value == max(scores)]
        right += (gold in best) / len(best)
        total += 1
    return right / total


def sharing(shown: Sequence[str], place: int) -> float:
    """How much an option has in common with the others: finds the one from which distractors were made."""
    own, *others = words(shown[place]), *(words(text) for n, text in enumerate(shown) if n != place)
    return sum(other[n : n + 1] == [word] for other in others for n, word in enumerate(own))


def middle(shown: Sequence[str], place: int) -> float:
    """Being neither among the smallest nor among the largest."""
    sums = [sum(int(word) for word in words(text) if word.isdigit()) for text in shown]
    return -abs(sum(value > sums[place] for value in sums) - sum(value < sums[place] for value in sums))


def length(shown: Sequence[str], place: int) -> float:
    return len(shown[place])


@pytest.mark.parametrize("score", [sharing, middle, length])
@pytest.mark.parametrize("sign", [1, -1])
def test_rules_of_thumb_stay_at_chance(
    cells: dict[tuple[str, int], Sets], score: Callable[[Sequence[str], int], float], sign: int
) -> None:
    assert accuracy(cells, lambda shown, place: sign * score(shown, place)) <= 1 / COUNT + MARGIN


def signs(text: str, place: int) -> list[str]:
    return [f"place {place}", f"whole {text}", *words(text)]


def right_shares(sets: Sets) -> dict[str, float]:
    """How often an option of which something can be said is right, shrunk towards chance."""
    shown: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for texts, gold in sets:
        for place, text in enumerate(texts):
            shown.update(signs(text, place))
        right.update(signs(texts[gold], gold))
    return {sign: (right[sign] + 1) / (shown[sign] + COUNT) - 1 / COUNT for sign in shown}


@pytest.mark.parametrize("kind", ["place", "whole", "word"])
@pytest.mark.parametrize("towards", [1, -1])
def test_learning_which_answers_are_right_stays_at_chance(
    cells: dict[tuple[str, int], Sets], kind: str, towards: int
) -> None:
    right, total = 0.0, 0
    for sets in cells.values():
        for half in (0, 1):
            shares = {
                sign: share
                for sign, share in right_shares(sets[1 - half :: 2]).items()
                if (sign.split()[0] if sign.startswith(("place ", "whole ")) else "word") == kind
            }
            for texts, gold in sets[half::2]:
                scores = [
                    towards * sum(shares.get(sign, 0.0) for sign in signs(text, n)) for n, text in enumerate(texts)
                ]
                best = [place for place, score in enumerate(scores) if score == max(scores)]
                right += (gold in best) / len(best)
                total += 1
    assert right / total <= 1 / COUNT + MARGIN


def test_the_right_answer_has_every_place_and_rank_equally_often(cells: dict[tuple[str, int], Sets]) -> None:
    places = Counter(gold for sets in cells.values() for _, gold in sets)
    numbers = [(shown, gold) for sets in cells.values() for shown, gold in sets if shown[gold].isdigit()]
    ranks = Counter(
        sorted(map(int, shown)).index(int(shown[gold])) for shown, gold in numbers if all(map(str.isdigit, shown))
    )
    for counts in (places, ranks):
        total = sum(counts.values())
        sigma = (total * 0.25 * 0.75) ** 0.5
        assert total > 300 and all(abs(counts[n] - total / COUNT) < 4 * sigma for n in range(COUNT)), counts


def test_each_value_of_a_tuples_part_stands_equally_often(cells: dict[tuple[str, int], Sets]) -> None:
    for shown, _ in cells["spatial_rel", 0] + cells["spatial_rel", 1]:
        for column in zip(*(text.strip("()").split(", ") for text in shown), strict=True):
            assert len(set(Counter(column).values())) == 1


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 8, 10])
@pytest.mark.parametrize("cell", [("scene_count", 2), ("spatial_rel", 1), ("spatial_rel", 4), ("expression", 2)])
def test_options_are_different_answers_of_the_right_kind(cell: tuple[str, int], count: int) -> None:
    for index in range(4):
        item = make(*cell, index)
        shown, gold = options(item, count)
        assert len(set(shown)) == count and shown[gold] == item.answer.surface
        assert options(item, count) == (shown, gold)
        assert [compare(item.answer, text).correct for text in shown] == [n == gold for n in range(count)]


def test_labels_offered_as_words_stand_in_the_picture() -> None:
    for index in range(20):
        item = make("spatial_rel", 4, index)
        labels = {thing["label"] for thing in item.scene["objects"]}
        assert set(options(item, 6)[0]) <= labels


def test_labels_in_tuples_stand_in_the_picture_too(monkeypatch: pytest.MonkeyPatch) -> None:
    item = make("spatial_rel", 4, 0)
    other = with_answer([Answer("word", "none"), *(Answer("tuple", ("ZZ", n)) for n in range(50))], monkeypatch)
    shown, _ = options(replace(item, answer=Answer("tuple", (item.answer.value, 3)), program=other.program), 4)
    labels = {thing["label"] for thing in item.scene["objects"]}
    assert {text.strip("()").split(", ")[0] for text in shown} <= labels


def with_answer(answers: Sequence[Answer], monkeypatch: pytest.MonkeyPatch) -> Item:
    """The item at index 0 of a cell whose other items have these answers in turn."""
    item = make("expression", 0, 0)

    def other(family: str, level: int, index: int) -> Item:
        return replace(item, answer=answers[1 + index % (len(answers) - 1)])

    monkeypatch.setattr("data_synth.choices.make", other)
    return replace(item, answer=answers[0])


def test_orderings_are_offered_as_other_orderings(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [Answer("tuple", order) for order in permutations(("A", "B", "C", "D"))]
    shown, _ = options(with_answer(orders, monkeypatch), 4)
    assert all(sorted(re.findall(r"[A-D]", text)) == ["A", "B", "C", "D"] for text in shown)


def test_exact_numbers_are_offered_as_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    golds = [Answer("expression", write(term(n, 2))) for n in range(1, 30)]
    shown, gold = options(with_answer(golds, monkeypatch), 4)
    assert shown[gold] == "sqrt(2)" and all("sqrt(2)" in text for text in shown)


@pytest.mark.parametrize(
    "golds",
    [
        [Answer("decimal", round(n / 10, 1), 0.15) for n in range(200)],
        [Answer("set", numbers) for numbers in permutations(range(4), 2)] * 2,
        [Answer("word", word) for word in ("oak", "elm", "ash", "fir", "yew")],
        [Answer("cell", (row, column)) for row in range(1, 5) for column in range(1, 5)],
    ],
    ids=lambda golds: golds[0].type,
)
def test_no_other_option_would_pass_for_the_right_one(golds: list[Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    item = with_answer(golds, monkeypatch)
    shown, gold = options(item, 4)
    for place, text in enumerate(shown):
        assert compare(item.answer, text).correct == (place == gold)


def test_a_cell_with_too_few_answers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="has no 4 different answers"):
        options(with_answer([Answer("word", "yes"), Answer("word", "no")], monkeypatch), 4)


@pytest.mark.parametrize("count", [0, 1, 27])
def test_a_count_without_letters_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="count of options must be in 2 .. 26"):
        options(make("expression", 0, 0), count)


@pytest.mark.parametrize(
    ("family", "modality"), [("scene_count", "image"), ("expression", "text"), ("expression", "rendered")]
)
def test_an_item_asks_for_a_letter(family: str, modality: str) -> None:
    item = make(family, 2, 1)
    prompt, gold = item.multiple_choice(modality, 4)
    shown = dict(re.findall(r"^\(([A-D])\) (.+)$", prompt, re.MULTILINE))
    assert list(shown) == list("ABCD") and shown[gold] == item.answer.surface
    assert prompt.count("<image>") == item.prompt(modality).count("<image>")
    assert item.form_sentence not in prompt and prompt.endswith("\\boxed{letter}.")
    with pytest.raises(ValueError, match="a screenshot says how to write the answer"):
        item.multiple_choice("screenshot", 4)
    with pytest.raises(ValueError, match="has the modalities"):
        item.multiple_choice("sound")
