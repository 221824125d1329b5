"""Screens: the question stands on them, what they say suffices, and each row that counts is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from data_synth import LEVELS, Item, make, replay, solve_again
from data_synth.families import FAMILIES
from data_synth.families.pages.screen_kinds import KINDS, euros, lines_of
from data_synth.families.pages.screen_page import ScreenPage, solve_text
from data_synth.families.pages.screen_words import ASK, EACH, FIXED, IDLE, PAID, SHOWN, THINGS
from data_synth.rng import Rng
from data_synth.twins import canvases


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(FAMILIES, "screen_page", ScreenPage())
    yield


def items(level: int, count: int = 150) -> list[Item]:
    return [make("screen_page", level, index) for index in range(count)]


def plain(text: str) -> str:
    """Without spaces and the signs that stand for edges of cells, fields and bubbles."""
    return re.sub(r"[\s|:#]", "", text)


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_written_suffices_for_the_answer(level: int) -> None:
    kinds: Counter[str] = Counter()
    for item in items(level, 300):
        kinds[item.scene["kind"]] += 1
        assert solve_again(item) == replay(item) == item.answer.value, item.id
    assert set(kinds) == set(KINDS) and min(kinds.values()) >= 15


@pytest.mark.parametrize("level", LEVELS)
def test_every_row_that_counts_is_needed_and_no_other(level: int) -> None:
    for item in items(level, 100):
        scene = item.scene
        if scene["kind"] == "wait" or scene["form"] == "disk rest":
            continue
        for place, row in enumerate(scene["rows"]):
            if row.get("void") and row["factors"]:
                continue  # a later message corrects it
            rest = {**scene, "rows": scene["rows"][:place] + scene["rows"][place + 1 :]}
            matters = not row["void"] and (scene["plus"] == "" or row["key"] in (scene["plus"], scene["minus"]))
            changed = solve_text("\n".join(lines_of(rest)), scene["form"], scene["plus"], scene["minus"] or "")
            assert (float(changed) != item.answer.value) == matters, (item.id, row)


@pytest.mark.parametrize("level", LEVELS)
def test_no_answer_is_printed(level: int) -> None:
    for item in items(level, 200):
        value = item.answer.value
        surface = euros(round(100 * value)) if item.scene["scale"] == 100 else str(value)
        assert surface not in re.findall(r"\d+(?:\.\d\d)?", "\n".join(lines_of(item.scene)))


@pytest.mark.parametrize("level", LEVELS)
def test_the_question_stands_on_the_screen_and_not_beside_it(level: int) -> None:
    for item in items(level, 24):
        for modality in ("rendered", "mixed", "screenshot"):
            (canvas,) = canvases(item, ScreenPage(), modality, 96)
            shown = plain("".join(text for _, _, text, *_ in canvas.texts))
            assert plain("".join(lines_of(item.scene))) in shown
            assert plain(item.scene["ask"]) in shown
            assert canvas.height <= 2 * canvas.width
            assert plain(item.scene["ask"]) not in plain(item.prompt(modality))
        assert plain(item.scene["ask"]) in plain(item.prompt("text"))


def test_chats_go_forward_in_time_and_the_asker_is_nobody_else() -> None:
    for item in [item for level in LEVELS for item in items(level) if "asker" in item.scene]:
        scene = item.scene
        times = [row["time"] for row in scene["rows"]]
        assert times == sorted(times) and times[-1] < scene["asked_at"] < 24 * 60
        assert scene["asker"] not in {row["key"] for row in scene["rows"]}


def test_corrections_come_after_what_they_correct() -> None:
    corrected = [item for item in items(4, 300) if item.scene["kind"] == "paid"]
    assert len(corrected) >= 20
    for item in corrected:
        rows = item.scene["rows"]
        (wrong,) = [place for place, row in enumerate(rows) if row["void"] and row["factors"]]
        later = [row for row in rows[wrong + 1 :] if row.get("thing") == rows[wrong]["thing"]]
        assert len(later) == 1 and later[0]["key"] == rows[wrong]["key"]
        assert str(rows[wrong]["factors"][0]) in later[0]["text"]


def test_screens_are_read_as_people_read_them() -> None:
    chat = "Ana 10:00: 4 cups at 6 euros each, I paid.\nBen 10:05: The maps cost 9 euros, I paid."
    chat += "\nAna 10:06: I am on bus 7."
    assert solve_text(chat, "paid", "Ana", "") == 24
    assert solve_text(chat + "\nAna 11:00: Correction: cups 20 euros, not 24.", "paid more", "Ana", "Ben") == 11
    assert solve_text(chat, "wait", "Ana", "Ben") == 5
    files = "$ quota\n   100  MB\n$ du -m\n    12  a.log\n    30  b.zip\n     5  c.log"
    assert solve_text(files, "disk rest", "", "") == 53
    assert solve_text("$ du -m\n    12  a.log\n    30  b.zip\n     5  c.log", "disk more", "zip", "log") == 13
    table = "$ jobs\nUSER TASK RUNS SEC/RUN\nana sort 3 20\nben copy 2 9\nana lint 1 4"
    assert solve_text(table, "jobs", "ana", "") == 64
    assert solve_text(table, "jobs more", "ana", "ben") == 46
    basket = "Item | Qty | Each\nMug | 2 | 3.25\nRug | 1 | 9.00\nDelivery: 2.50\nVoucher: -1.00"
    assert solve_text(basket, "cart", "", "") == 17
    form = "Nights: 3\nAdults: 2\nAdults, price for each and night: 20\nCleaning, once: 15\nPaid already: 50"
    assert solve_text(form, "stay", "", "") == 85
    with pytest.raises(ValueError, match="no screen has the form"):
        solve_text(form, "poster", "", "")


def test_messages_say_whether_they_are_payments() -> None:
    assert all("euros" in text and "{t}" in text for text in (*PAID, *EACH, *FIXED))
    assert not any("euro" in text or set(re.findall(r"[a-z]+", text)) & set(THINGS) for text in IDLE)
    assert min(len(set(texts)) for texts in (*ASK.values(), SHOWN)) >= 8
    for form, texts in ASK.items():
        assert all(("{b}" in text) == form.endswith(("more", "wait")) for text in texts), form


@pytest.mark.parametrize("level", LEVELS)
def test_most_draws_become_items(level: int) -> None:
    kept = [ScreenPage().logic(Rng("yield", level, n), level) for n in range(200)]
    assert sum(parts is not None for parts in kept) >= 110
