"""Find the final answer that a response states. Shared by the verifiers; linear in the response's length.

The thinking is cut off first. Then, in this order: the last `\\boxed{}`; the last `<answer>`; what follows the last
"answer is" or "answer:"; a response of one line, which is itself the answer. A final answer that is cut off (an
unclosed box, tag or thought) is no answer: an earlier one does not stand in for it.
"""

from __future__ import annotations

import re

MAX_ANSWER_CHARS = 4096  # nobody states a longer answer; parsers must not see one
_MARKER_TAIL_CHARS = 20_000  # "answer is" is looked for in this much of the end

_BOXES = ("\\boxed{", "\\boxed {", "\\fbox{")
_MARKER = re.compile(r"\banswer(?: is|\s*:|\s*=)\s*:?", re.IGNORECASE)
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathsf|mbox|operatorname)\s?\{([^{}]*)\}")
_WRAPPERS = (
    ("**", "**"),
    ("__", "__"),
    ("`", "`"),
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ('"', '"'),
    ("'", "'"),
)


def final_answer(response: str) -> str | None:
    """The final answer as written, or None where the response states none (or one that is cut off or absurdly long)."""
    text = after_thinking(response)
    if text is None:
        return None
    if _has_form(text):
        return formatted_answer(response)
    if markers := list(_MARKER.finditer(text := text[-_MARKER_TAIL_CHARS:])):
        answer = _next_line(text[markers[-1].end() :])
    else:
        answer = _only_line(text)
    return _bounded(answer)


def formatted_answer(response: str) -> str | None:
    """The content of the last `\\boxed{}`, or else of the last `<answer>`; None if it is not closed, or not there."""
    text = after_thinking(response)
    if text is None or not _has_form(text):
        return None
    return _bounded(_last_boxed(text) if any(box in text for box in _BOXES) else _last_tagged(text))


def after_thinking(response: str) -> str | None:
    """What follows the last thought; None where a thought is not closed."""
    text = response[response.rfind("</think>") + len("</think>") :] if "</think>" in response else response
    return None if "<think>" in text else text


def plain(answer: str) -> str:
    """The answer without its dress: math and markdown delimiters, quotes, `\\text{}`, a full stop at the end."""
    text = answer.strip()
    for _ in range(4):  # deeper nesting is not dress
        undressed = _undress(text.removesuffix(".").strip())
        if undressed == text:
            break
        text = undressed
    return text


def unwrap_text_commands(answer: str) -> str:
    """`\\text{cm}` becomes ` cm`, wherever it stands."""
    return _TEXT_COMMAND.sub(r" \1", answer)


def _has_form(text: str) -> bool:
    return any(form in text for form in (*_BOXES, "<answer>"))


def _bounded(answer: str | None) -> str | None:
    if answer is None or len(answer) > MAX_ANSWER_CHARS:
        return None
    return answer.strip().strip("*").strip() or None


def _undress(text: str) -> str:
    if wrapped := _TEXT_COMMAND.fullmatch(text):
        return wrapped.group(1).strip()
    for opening, closing in _WRAPPERS:
        inner = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and inner and closing not in inner:
            return inner.strip()
    return text


def _last_boxed(text: str) -> str | None:
    start, box = max((text.rfind(box), box) for box in _BOXES)
    begin, depth, position = start + len(box), 1, start + len(box)
    end = min(len(text), begin + MAX_ANSWER_CHARS + 1)
    while position < end:
        character = text[position]
        if character == "\\":
            position += 1  # \{ and \} are characters of the answer
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return text[begin:position]
        position += 1
    return None


def _last_tagged(text: str) -> str | None:
    begin = text.rfind("<answer>") + len("<answer>")
    end = text.find("</answer>", begin)
    return text[begin:end] if end >= 0 else None


def _next_line(text: str) -> str | None:
    """The rest of the line, or the next line that says something."""
    lines = (line.strip().strip("*").strip() for line in text.splitlines())
    return next((line.removesuffix(".") for line in lines if line), None)


def _only_line(text: str) -> str | None:
    line = text.strip()
    return line if len(line) <= MAX_ANSWER_CHARS and len(line.splitlines()) == 1 else None
