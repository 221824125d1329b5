"""Verifiers composed by name: all(format, math), any(number, judge), weighted(0.9 math, 0.1 format); they nest.

    all       earns what its worst part earns, any what its best part earns, weighted the weighted sum; weights add up
              to 1. `correct` (which the length reward and success rates go by) is: every part of `all` and `weighted`,
              some part of `any`.
    unjudged  a part that could not be judged makes the whole unjudged, unless the other parts decide it.

All parts read the same gold answer, so compose verifiers that share its form.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from vlm_rl.types import Prompt, Verdict, Verifier

KINDS = ("all", "any", "weighted")
MAX_DEPTH = 4
MAX_CHARS = 500
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)(?![\w.:])|(?P<name>[^\W\d][\w.:]*)|(?P<sign>[(),])|(?P<end>$))")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One verifier, by its name or dotted path."""

    name: str


@dataclass(frozen=True, slots=True)
class Composition:
    kind: str  # of KINDS
    parts: tuple[Leaf | Composition, ...]
    weights: tuple[float, ...] = ()  # weighted only: one for each part


Expression = Leaf | Composition


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """The expression that a prompt's field `verifier` holds; a name without brackets is a leaf.

    Raises ValueError that quotes the text and says where it goes wrong. Names of leaves are not looked up.
    """
    return _Parser(text).whole() if any(sign in text for sign in "(),") else Leaf(text)


def leaf_names(expression: Expression) -> tuple[str, ...]:
    """Names of the verifiers in an expression, in order, each once."""
    if isinstance(expression, Leaf):
        return (expression.name,)
    return tuple(dict.fromkeys(name for part in expression.parts for name in leaf_names(part)))


def combine(expression: Expression, known: Mapping[str, Verdict]) -> Verdict | None:
    """The verdict of an expression from those of its leaves; None while one is missing that could still change it."""
    if isinstance(expression, Leaf):
        return known.get(expression.name)
    parts = [combine(part, known) for part in expression.parts]
    given = [part for part in parts if part is not None]
    judged = [part for part in given if part.judged]
    deciding = next((part for part in judged if _decides(expression.kind, part)), None)
    if deciding is None and len(given) < len(parts):
        return None
    seconds = math.fsum(known[name].seconds for name in leaf_names(expression) if name in known)
    prediction = next((part.prediction for part in [deciding, *given] if part is not None and part.prediction), "")
    if deciding is None and len(judged) < len(parts):
        return Verdict(False, prediction, _reason(expression, parts), seconds, judged=False)
    every, some = all(part.correct for part in judged), any(part.correct for part in judged)
    correct = some if expression.kind == "any" else every and len(judged) == len(parts)
    score = _score(expression, judged)
    reason = "match" if correct and score == 1.0 else _reason(expression, parts)
    return Verdict(correct, prediction, reason, seconds, score=None if score == float(correct) else score)


def composed_verifier(expression: Expression, resolve: Callable[[str], Verifier]) -> Verifier:
    """One function that asks every leaf, in this process: for load-time checks. The pool asks leaves one by one."""
    verifiers = {name: resolve(name) for name in leaf_names(expression)}

    def verify(response: str, prompt: Prompt) -> Verdict:
        verdict = combine(expression, {name: verifier(response, prompt) for name, verifier in verifiers.items()})
        assert verdict is not None
        return verdict

    return verify


def _decides(kind: str, part: Verdict) -> bool:
    """Whether one part settles the whole, so that costlier parts need not be asked."""
    return (kind == "all" and not part.correct and part.reward == 0.0) or (
        kind == "any" and part.correct and part.reward == 1.0
    )


def _score(expression: Composition, judged: list[Verdict]) -> float:
    rewards = [part.reward for part in judged]
    if expression.kind == "weighted":
        return math.fsum(weight * reward for weight, reward in zip(expression.weights, rewards, strict=True))
    return min(rewards) if expression.kind == "all" else max(rewards)


def _reason(expression: Composition, parts: list[Verdict | None]) -> str:
    """What each part that is not simply right had to say."""
    labels = [part.name if isinstance(part, Leaf) else part.kind for part in expression.parts]
    said = [(label, part) for label, part in zip(labels, parts, strict=True) if part is not None]
    return ", ".join(f"{label}: {part.reason}" for label, part in said if not part.correct or part.reward < 1.0)


class _Parser:
    """Recursive descent: expression = kind ( [weight] expression , ... ) | name."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0
        if len(text) > MAX_CHARS:
            raise ValueError(f"a composed verifier must have at most {MAX_CHARS} characters, got {len(text)}")

    def whole(self) -> Expression:
        expression = self._expression(depth=1)
        if self._peek()[0] != "end":
            raise self._error("expected nothing more")
        return expression

    def _expression(self, depth: int) -> Expression:
        name = self._take("name", "expected the name of a verifier, or all(, any( or weighted(")
        if self._peek() != ("sign", "("):
            return Leaf(name)
        if name not in KINDS:
            nearest = difflib.get_close_matches(name, KINDS, n=1, cutoff=0.0)[0]
            raise self._error(f"unknown composition {name}(; did you mean {nearest}(? Known: {', '.join(KINDS)}")
        if depth > MAX_DEPTH:
            raise self._error(f"compositions nest at most {MAX_DEPTH} deep")
        weights: list[float] = []
        parts: list[Expression] = []
        while self._peek()[1] != ")" or not parts:
            self._take("sign", "expected , or )" if parts else "expected (", "," if parts else "(")
            if name == "weighted":
                weights.append(float(self._take("number", "weighted needs a weight before each part, as in 0.9 math")))
            parts.append(self._expression(depth + 1))
        self._take("sign", "expected )", ")")
        if weights and (min(weights) <= 0 or abs(math.fsum(weights) - 1.0) > 1e-6):
            raise self._error(f"weights must be > 0 and add up to 1, got {', '.join(map(str, weights))}")
        return Composition(name, tuple(parts), tuple(weights))

    def _peek(self) -> tuple[str, str]:
        """Kind and text of the next token; it is not taken."""
        match = _TOKEN.match(self.text, self.position)
        if match is None or match.lastgroup is None:
            raise self._error("expected a name, a number, a comma or a bracket")
        return match.lastgroup, match[match.lastgroup]

    def _take(self, kind: str, rule: str, text: str | None = None) -> str:
        found_kind, found = self._peek()
        if found_kind != kind or (text is not None and found != text):
            raise self._error(rule)
        match = _TOKEN.match(self.text, self.position)
        assert match is not None
        self.position = match.end()
        return found

    def _error(self, what: str) -> ValueError:
        rest = self.text[self.position :].strip()
        return ValueError(
            f"verifier {self.text!r}: {what}, at {rest[:20]!r}" if rest else f"verifier {self.text!r}: {what}"
        )
