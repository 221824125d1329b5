"""Text of the model or the data, made fit for a page: escaped, bounded, and with nothing invisible in it."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence

# control, format (bidi overrides, zero width), surrogate, private and unassigned characters; line and paragraph ends
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escape(text: str) -> str:
    """Safe inside an element or a quoted attribute; control characters become visible symbols (U+202E as ⟨202E⟩)."""
    return html.escape("".join(_visible(char) for char in text), quote=True)


def _visible(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # the block "Control Pictures" has a symbol for each
    return "␡" if code == 0x7F else f"⟨{code:04X}⟩"


def keep_ends(parts: Sequence[str], limit: int) -> list[tuple[str, str, str]]:
    """Cut the middle out of consecutive parts of one text so that about `limit` characters stay.

    Per part (head, note, tail). The note stands once, in the first part that loses something; a part wholly inside
    the cut has three empty strings.
    """
    total = sum(len(part) for part in parts)
    if total <= limit:
        return [(part, "", "") for part in parts]
    half = limit // 2
    note = f"\n[… {total - 2 * half:,} of {total:,} characters left out …]\n"
    kept, start = [], 0
    for part in parts:
        head = part[: max(0, half - start)]
        tail = part[max(len(head), total - half - start) :]
        cut = len(head) + len(tail) < len(part)
        kept.append((head, note if cut else "", tail))
        note = "" if cut else note
        start += len(part)
    return kept


def bounded(text: str, limit: int) -> str:
    """`escape`d text of about `limit` characters at most, cut in the middle with a note."""
    return escape("".join(keep_ends([text], limit)[0]))
