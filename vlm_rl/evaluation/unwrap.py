r"""Final lines as models write them today: `\boxed{}`, `<answer>`, markdown bold, `Answer:`.

The official parsers read only some of these forms. So that they compare answers and not dress, a last line that is a
final answer from end to end is unwrapped before they see it. A line with anything else on it is left alone, because
there the official rule, right or wrong, is what published figures rest on.
"""

from __future__ import annotations

import re

from vlm_rl.reward.final_answer import after_thinking, plain

MAX_LINE_CHARS = 1_000
_MAX_WRAPPERS = 6

_TAG = re.compile(r"<answer>(.*?)</answer>", re.IGNORECASE)
_BOX = re.compile(r"\\(?:boxed|fbox)\s?\{")
_LEAD = re.compile(
    r"(?:\*\*|__)?(?:(?:so|thus|therefore|hence),?\s)?(?:(?:the|my)\s)?(?:(?:final|correct|best)\s)?"
    r"(?:answer|option|choice)\s?(?::|：|\bis\b:?|(?:\*\*|__)\s?[:：])\s?(?:\*\*|__)?"
    r"|(?:(?:所以|因此|故)[，,]?\s?)?(?:答案|选项)\s?[是为:：]\s?",
    re.IGNORECASE,
)


def without_thinking(response: str) -> str:
    """What follows the reasoning block; all of it where the block was cut off, as a scorer that knows none reads it."""
    text = after_thinking(response)
    return response if text is None else text


def last_line(response: str) -> str:
    """The last line that is not blank; empty if it is too long for an answer."""
    line = response.rstrip().rpartition("\n")[2].strip()
    return line if len(line) <= MAX_LINE_CHARS else ""


def final_line(response: str) -> str | None:
    """The bare answer of a last line that is marked as a final answer from end to end; None if it is not."""
    line = last_line(response)
    bare = line.removesuffix("。")
    for _ in range(_MAX_WRAPPERS):
        inner = _unwrap_once(bare)
        if inner == bare:
            break
        bare = inner
    return bare if bare and bare != line.rstrip(".。") else None


def _unwrap_once(text: str) -> str:
    if (undressed := plain(text)) != text:
        return undressed
    if tagged := _TAG.fullmatch(text):
        return tagged[1].strip()
    if (box := _BOX.match(text)) and _closes_at_end(text, box.end()):
        return text[box.end() : -1].strip()
    if (lead := _LEAD.match(text)) and lead.end() < len(text):
        rest = text[lead.end() :].strip()
        opened = lead[0].count("**") % 2 == 1 or lead[0].count("__") % 2 == 1
        return rest.replace("**", "", 1).replace("__", "", 1).strip() if opened else rest
    return text


def _closes_at_end(text: str, start: int) -> bool:
    """Whether the brace opened before `start` is closed by the last character."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place == len(text) - 1
    return False
