"""MathVista's first stage by rules: the final answer inside a free-form response (officially, GPT-4 looks for it).

Rules are general ones for English prose, tried from the most to the least explicit mark of an answer: a final line, a
stated answer, bold print, a concluding sentence, the last one. Agreement with GPT-4's extractions is measured, see
tests/evaluation/test_agreement.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vlm_rl.evaluation.options import final_letter, letters_of
from vlm_rl.evaluation.unwrap import final_line, last_line, without_thinking
from vlm_rl.reward.final_answer import final_answer, plain

_MAX_SENTENCES = 500
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_DIGITS = r"(?<![A-Za-z0-9_.,:])[-−]?\$?\s?(?:(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?(?:[eE][+-]?\d++)?|\.\d++)(?!:\d)"
_NUMBER = re.compile(_DIGITS)
_WORD = re.compile(rf"\b({'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_ANY = rf"({_DIGITS}|\b(?:{'|'.join(_NUMBER_WORDS)})\b)"
_COUNTED = re.compile(
    rf"\bthere\s(?:is|are|was|were|will\sbe)\s(?:(?:a\stotal\sof|only|exactly|about|approximately)\s)?{_ANY}(?!\s?[/=*+×])",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"(?:\b(?:is|are|was|were|be|equals|total\sof)\b|[=≈]|:(?=\s))\s?\**"
    rf"(?:(?:about|approximately|equal\sto|only)\s)?\s?{_ANY}",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    rf"\b(?:(?:more|less|fewer|greater|larger|smaller|higher|lower|bigger|longer|shorter|older|younger)\sthan|"
    rf"at\s(?:least|most)|below|above|under|over|exceed(?:s|ing)?|out\sof)\s{_ANY}",
    re.IGNORECASE,
)
_BOLD = re.compile(r"\*\*([^*\n]{1,80})\*\*")
_LIST = re.compile(r"\[[-+.\d\s,]{1,200}\]")
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n+")
_CONCLUSION = re.compile(r"\b(?:therefore|thus|hence|so)\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([A-Z])\)")
_NEGATION = re.compile(r"\b(?:no|not|cannot|never|false|incorrect|impossible)\b|n't\b", re.IGNORECASE)


def extract(response: str, *, question_type: str, answer_type: str, choices: Sequence[str] | None) -> str:
    """The answer in the form that `normalize` reads: a letter, a number without dress, a list; "" if there is none."""
    text = without_thinking(response).strip()
    if not text:
        return ""
    if question_type == "multi_choice":
        return _choice(text, choices or ()) or ""
    return read_list(text) if answer_type == "list" else _number(text)


def read_list(text: str) -> str:
    """The last list of numbers, written as Python writes it: `[2014,2016]` -> `[2014, 2016]`; "" if there is none."""
    lists = _LIST.findall(text)
    return "[" + ", ".join(lists[-1][1:-1].replace(",", " ").split()) + "]" if lists else ""


def _choice(text: str, choices: Sequence[str]) -> str | None:
    letters = letters_of(choices)
    if letter := final_letter(text, letters):
        return letter
    for stated in (final_line(text), _stated(text)):
        if stated and (letter := _exact(stated, choices) or _named(_sentences(stated)[0], choices)):
            return letter
    if letter := _exact(last_line(text), choices):
        return letter
    sentences = _sentences(text)
    for sentence in (sentences[-1], sentences[0]):
        if letter := _named(sentence, choices):
            return letter
    bracketed = [letter for letter in _BRACKETED.findall(text) if letter in letters]
    if bracketed:
        return bracketed[-1]
    if letter := _yes_or_no(sentences[-1], choices):
        return letter
    return next((letter for sentence in reversed(sentences) if (letter := _named(sentence, choices))), None)


def _exact(text: str, choices: Sequence[str]) -> str | None:
    """The choice whose text this is. `(c)` is a letter, also where a choice's text reads so, as in `normalize`."""
    wanted = plain(text).casefold()
    if _BRACKETED.search(text):
        return None
    pairs = zip(letters_of(choices), choices, strict=True)
    return next((letter for letter, choice in pairs if plain(choice).casefold() == wanted), None)


def _named(sentence: str, choices: Sequence[str]) -> str | None:
    """The one choice that a sentence names, by `(X)` or by its text; the longest text first, each place read once."""
    letters = letters_of(choices)
    bracketed = {letter for letter in _BRACKETED.findall(sentence) if letter in letters}
    if bracketed:
        return bracketed.pop() if len(bracketed) == 1 else None
    named = []
    for letter, choice in sorted(zip(letters, choices, strict=True), key=lambda pair: -len(pair[1])):
        text = choice.strip()
        case = re.NOFLAG if len(text) == 1 else re.IGNORECASE  # "a" is an article, "A" may be a choice
        rest = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", sentence, flags=case) if text else sentence
        if rest != sentence:
            sentence = rest
            named.append(letter)
    return named[0] if len(named) == 1 else None


def _yes_or_no(sentence: str, choices: Sequence[str]) -> str | None:
    """A sentence answers a yes-or-no question by its polarity."""
    words = [choice.casefold() for choice in choices]
    if sorted(words) != ["no", "yes"]:
        return None
    return letters_of(choices)[words.index("no" if _NEGATION.search(sentence) else "yes")]


def _stated(text: str) -> str | None:
    """The answer that the response marks as such; a response of one line is prose here, and no mark of anything."""
    stated = final_answer(text)
    return None if stated == text.strip().strip("*").strip() else stated


def _number(text: str) -> str:
    if (bare := final_line(text)) is not None:
        return _number_of_sentence(bare)
    if (stated := _stated(text)) and (number := _first_number(stated.rpartition("=")[2])):
        return number
    sentences = [sentence for sentence in _sentences(text) if "|" not in sentence] or [text]  # tables are no answers
    concluding = [sentence for sentence in sentences if _CONCLUSION.search(sentence)][-1:]
    counting = [sentence for sentence in sentences if _COUNTED.search(sentence)][:1]
    bold = [*reversed(_bold_numbers("".join(concluding))), *_bold_numbers(text)]
    read = (_number_of_sentence(sentence) for sentence in (*concluding, *counting, *reversed(sentences)))
    return next(iter(bold), "") or next(filter(None, read), "")


def _number_of_sentence(sentence: str) -> str:
    """The number after "there are", else after the last "is" or "=", else the last one; "more than 5" is none."""
    if counted := _COUNTED.search(sentence):
        return _bare(counted[1])
    sentence = _COMPARED.sub(" ", sentence)
    words = [word for word in _WORD.findall(sentence) if word.casefold() != "one"]  # "the lowest one" is no number
    for numbers in (_STATED.findall(sentence), _NUMBER.findall(sentence), words):
        if numbers:
            return _bare(numbers[-1])
    return ""


def _bold_numbers(text: str) -> list[str]:
    return [number for part in _BOLD.findall(text) if (number := _first_number(part))]


def _first_number(text: str) -> str:
    match = _NUMBER.search(text) or _WORD.search(text)
    return _bare(match[0]) if match else ""


def _bare(number: str) -> str:
    """A number without separators and currency, which the normaliser cannot read; a number word as digits."""
    number = number.strip().lower()
    if number in _NUMBER_WORDS:
        return str(_NUMBER_WORDS.index(number))
    return re.sub(r"[,$\s]", "", number).replace("−", "-")


def _sentences(text: str) -> list[str]:
    """The first sentence and the last ones; a whole response, unless it is absurdly long."""
    sentences = [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]
    return sentences if len(sentences) <= _MAX_SENTENCES else [sentences[0], *sentences[-_MAX_SENTENCES:]]
