"""Wrong answers of many kinds, none of which a verifier may take, and the tally over a family's items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer, compare, extract
from data_synth.audit.bounds import Reading
from data_synth.audit.surfaces import responses
from data_synth.audit.survey import Survey

_FULLWIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + n) for n in range(10)))
_ARABIC = str.maketrans("0123456789", "".join(chr(0x0660 + n) for n in range(10)))
_SUPERSCRIPT = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
_LOOK_ALIKE = str.maketrans(
    "aceopxyABCEHKMOPTX01",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425Ol",
)
# whatever the question is, these are no answer
_NONSENSE = (
    "", " ", "\n", ".", ",", "-", "+", "?", "...", "()", "( )", "{}", "[]", "(,)", "( , )", "$$", "\\text{}", "None",
    "null", "nan", "inf", "-inf", "Infinity", "1e400", "1e-400", "0x", "1/0", "*", ".*", "%s", "{x}", "any",
    "unknown", "I cannot tell", "\\boxed", "\\frac{", "9" * 256, "9" * 100_000, "(" * 5_000, "1, " * 2_000, "-" * 300,
    "\x00", "\u200b", "\u202e", "\U0001f600", "\ud800", "true or false", "x" * 300, "0" * 300,
)  # fmt: skip
_LISTED = 12  # answers in "list them all", also few enough not to be refused for length alone


def attacks(answer: Answer, others: Sequence[str]) -> Iterator[str]:
    """Whole wrong responses. others: surfaces of other items' answers, as a policy would list them."""
    gold = answer.surface
    for text in (*_NONSENSE, *_disguised(gold), *_listed(gold, others), *wrong_surfaces(answer)):
        yield f"\\boxed{{{text}}}"
    wrong = next(iter(wrong_surfaces(answer)), "unknown")
    yield from (
        gold,
        f"The answer is {gold}.",
        f"\\boxed: {gold}",
        f"\\boxed{{{gold}",
        f"boxed{{{gold}}}",
        f"${gold}$",
        "",
    )
    yield f"\\boxed{{{gold}}} No: \\boxed{{{wrong}}}"
    yield f"It is {gold}. \\boxed{{{wrong}}} I mean {gold}."
    yield f"<answer>{gold}</answer> \\boxed{{{wrong}}}"
    yield f"\\boxed{{{gold}}}\\boxed{{}}"
    yield " ".join(f"\\boxed{{{text}}}" for text in (gold, *others, wrong))


def wrong_surfaces(answer: Answer) -> Iterator[str]:
    """Answers of the right type with another value, and the gold answer with something that changes it."""
    gold = answer.surface
    if answer.type == "path":  # of paths that begin like this one, many may be right
        yield from (gold[:-1], gold + "Q7Q", "Q" * 20, f"{gold}!", f"not {gold}?")
        return
    for value in _wrong_values(answer):
        yield Answer(answer.type, value).surface
    yield from (
        f"not {gold}!",
        f"{gold}?",
        f"{gold} or not",
        f"{gold} = x",
        f"{gold}; {gold}x",
        f"{gold}\\%",
        f"!{gold}",
    )
    if answer.type in ("integer", "decimal") and answer.value not in (0, 1):  # 00 is 0, and 1/1 is 1
        yield from (
            f"{gold}e1",
            f"{gold}^2",
            f"{gold}+1",
            f"{gold}/2",
            f"0x{gold}",
            f"{gold}{gold}",
            f"{gold} 1",
            f"1 {gold}",
        )
        yield from (
            f"{gold},{gold}",
            f"{gold}/{gold}",
            f"{gold} +- 1",
            f"[{gold}, {gold}1]",
            f"< {gold}1",
            f"{gold}..{gold}9",
        )
    elif answer.type == "word":
        yield from (gold[:-1], gold + "x", "x" + gold, gold + gold, f"{gold} {gold}", f"{gold}, {gold}", f"*{gold}*?")


def _wrong_values(answer: Answer) -> Iterator[Any]:
    value = answer.value
    if answer.type in ("integer", "decimal"):
        yield from _wrong_numbers(answer)
    elif answer.type == "expression":
        yield from _wrong_expressions(value)
    elif answer.type == "word":
        yield from (word for word in ("red", "left", "AB", "12", "yes", value[::-1]) if word.lower() != value.lower())
    elif answer.type in ("tuple", "set", "cell"):
        yield from _wrong_lists(answer)


def _wrong_numbers(answer: Answer) -> Iterator[Any]:
    """Other numbers, all of them beyond the tolerance."""
    value, reach = Decimal(str(answer.value)), Decimal(str(answer.tolerance))
    step = 1 if answer.type == "integer" else max(2 * reach, Decimal("0.01"))
    digits = format(abs(value), "f").replace(".", "")
    near = (value + step, value - step, value + 10, value - 10, value + 100, value * 10, value / 10, -value, 2 * value)
    for other in (
        *near,
        Decimal(digits[::-1]),
        Decimal(digits + "0"),
        Decimal(digits + "1"),
        value * value,
        Decimal(0),
    ):
        if abs(other - value) > reach and (answer.type == "decimal" or other == int(other)):
            yield int(other) if answer.type == "integer" else float(other)


def _wrong_expressions(value: str) -> Iterator[str]:
    """The number changed in sign, size, by one, or under the root."""
    gold = exact_number.read(value) or {}
    one, two, root, pi = (exact_number.term(*parts) for parts in ((1,), (2,), (1, 2), (1, 1, 1)))
    others = [exact_number.multiply(gold, factor) for factor in (exact_number.term(-1), two, root, pi)]
    others += [exact_number.add([gold, more]) for more in (one, exact_number.term(-1), root, pi)]
    yield from (exact_number.write(other) for other in others if other != gold and len(other) <= 2)


def _wrong_lists(answer: Answer) -> Iterator[Any]:
    """One part changed, left out, doubled or added; all parts reversed or turned round."""
    parts = answer.value
    for place, part in enumerate(parts):
        other = part + 1 if isinstance(part, int) else "AB" if str(part).lower() != "ab" else "CD"
        yield (*parts[:place], other, *parts[place + 1 :])
        if isinstance(part, int):
            yield (*parts[:place], part - 1, *parts[place + 1 :])
            yield (*parts[:place], part + 10, *parts[place + 1 :])
        if answer.type != "cell":
            yield (*parts[:place], *parts[place + 1 :], "no-part")
    if answer.type == "cell":
        turned = [parts[::-1]]
    elif answer.type == "tuple":
        turned = [parts[::-1], (*parts[1:], parts[0]), (*parts, parts[-1]), parts[:-1], (*parts, 0), (0, *parts)]
    else:
        turned = [parts[:-1], (*parts, "another part")]
    yield from (list_ for list_ in turned if list_ and _folded(list_) != _folded(parts))


def _folded(parts: Sequence[int | str]) -> list[str]:
    return [str(part).lower() for part in parts]


def _disguised(gold: str) -> Iterator[str]:
    """The gold answer in digits and letters that look like ASCII but are not."""
    for table in (_FULLWIDTH, _ARABIC, _SUPERSCRIPT, _LOOK_ALIKE):
        if (text := gold.translate(table)) != gold:
            yield text


def _listed(gold: str, others: Sequence[str]) -> Iterator[str]:
    """The gold answer among others: a policy that names them all has not answered."""
    several = list(dict.fromkeys([*others[:2], gold, *others[2:_LISTED]]))
    if len(several) > 1:
        for joint in (", ", " or ", "; ", " / ", "\n", " and ", " | "):
            yield joint.join(several)
            yield joint.join(several[:3])
        yield "(" + ", ".join(several) + ")"
        yield "{" + ", ".join(several) + "}"
        yield ", ".join(several * 20)


def verifier(survey: Survey) -> dict[str, Reading]:
    """Wrong answers accepted and right ones refused, over the first items."""
    surfaces = list(dict.fromkeys(item.answer.surface for item in survey.items))
    tried = accepted = rejected = 0
    least = 10**6
    for place, item in enumerate(survey.items):
        others = [
            text for text in islice(surfaces[place:] + surfaces[:place], _LISTED + 1) if text != item.answer.surface
        ]
        wrong = list(attacks(item.answer, others))
        right = responses(item.answer)
        tried += len(wrong)
        least = min(least, len(right))
        accepted += sum(compare(item.answer, extract(text)).correct for text in wrong)
        rejected += sum(not compare(item.answer, extract(text)).correct for text in right)
    return {
        "accepted": Reading(accepted),
        "attacks": Reading(tried),
        "rejected": Reading(rejected),
        "surfaces": Reading(least),
    }
