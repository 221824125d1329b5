from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import boxed, make_prompt

from vlm_rl.reward import check_gold, check_name, resolve_verifier
from vlm_rl.reward.composed import Composition, Expression, Leaf, combine, leaf_names, parse
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.types import Verdict

YES, NO = Verdict(True, "5", "match"), Verdict(False, "6", "differs")
UNJUDGED = Verdict(False, "5", "unjudged", judged=False)


@pytest.fixture(scope="module")
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(1, timeout_seconds=1.0) as pool:
        yield pool


def test_an_expression_is_read_with_weights_nesting_and_dotted_paths() -> None:
    assert parse("math") == Leaf("math")
    assert parse("my_package.rules:strict") == Leaf("my_package.rules:strict")
    assert parse(" weighted( .9 any(math , a.b:f),0.1 format )") == Composition(
        "weighted", (Composition("any", (Leaf("math"), Leaf("a.b:f"))), Leaf("format")), (0.9, 0.1)
    )
    assert leaf_names(parse("all(format, any(math, format))")) == ("format", "math")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("al(format, math)", r"unknown composition al\(; did you mean all\("),
        ("all(format, mth)", "unknown verifier 'mth'; did you mean math"),
        ("all(format math)", r"expected , or \)"),
        ("all(format, math", r"expected , or \)"),
        ("all()", "expected the name"),
        ("all(format,)", "expected the name"),
        ("all(format, math))", "expected nothing more"),
        ("all(0.5 format, math)", "expected the name"),
        ("weighted(math, 0.5 format)", "needs a weight"),
        ("weighted(0.9 math, 0.2 format)", "add up to 1, got 0.9, 0.2"),
        ("weighted(1 math, 0 format)", "must be > 0"),
        ("all(format, 5x)", "expected"),
        ("all(all(all(all(all(math)))))", "nest at most 4"),
        ("all(" + "math, " * 200 + "math)", "at most 500 characters"),
        ("all(format, math;)", "at ';"),
        ("math, format", "expected nothing more"),
    ],
)
def test_a_mistake_in_an_expression_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_name(text)


expressions = st.recursive(
    st.sampled_from(["math", "exact", "judge", "a.b:c"]).map(Leaf),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from(
            [
                Composition("all", tuple(parts)),
                Composition("any", tuple(parts)),
                Composition("weighted", tuple(parts), tuple(1 / len(parts) for _ in parts)),
            ]
        )
    ),
    max_leaves=5,
)


def written(expression: Expression) -> str:
    if isinstance(expression, Leaf):
        return expression.name
    weights = expression.weights or ("",) * len(expression.parts)
    inner = ", ".join(f"{weight} {written(part)}" for weight, part in zip(weights, expression.parts, strict=True))
    return f"{expression.kind}({inner})"


def depth(expression: Expression) -> int:
    return 0 if isinstance(expression, Leaf) else 1 + max(map(depth, expression.parts))


@given(expressions)
def test_what_is_written_down_is_read_back(expression: Expression) -> None:
    if depth(expression) <= 4:
        assert parse(written(expression)) == expression


def reference(expression: Expression, known: dict[str, Verdict]) -> tuple[bool, float] | None:
    """(correct, reward) with all leaves known, straight from the rules; None = unjudged. No short cuts."""
    if isinstance(expression, Leaf):
        verdict = known[expression.name]
        return (verdict.correct, float(verdict.correct)) if verdict.judged else None
    parts = [reference(part, known) for part in expression.parts]
    judged = [part for part in parts if part is not None]
    if expression.kind == "all" and any(reward == 0.0 for _, reward in judged):
        return False, 0.0
    if expression.kind == "any" and any(right and reward == 1.0 for right, reward in judged):
        return True, 1.0
    if len(judged) < len(parts):
        return None
    rewards = [reward for _, reward in judged]
    if expression.kind == "weighted":
        total = sum(weight * reward for weight, reward in zip(expression.weights, rewards, strict=True))
        return all(right for right, _ in judged), total
    if expression.kind == "all":
        return all(right for right, _ in judged), min(rewards)
    return any(right for right, _ in judged), max(rewards)


@given(expressions, st.data())
def test_a_composition_follows_its_rules_and_no_order_of_asking_changes_it(
    expression: Expression, data: st.DataObject
) -> None:
    names = leaf_names(expression)
    known = {name: data.draw(st.sampled_from([YES, NO, UNJUDGED])) for name in names}
    expected = reference(expression, known)
    for order in itertools.islice(itertools.permutations(names), 6):
        said: dict[str, Verdict] = {}
        for name in [*order, None]:
            verdict = combine(expression, said)
            if verdict is not None:
                break
            assert name is not None, "with all leaves known there is a verdict"
            said[name] = known[name]
        assert verdict is not None
        got = (verdict.correct, pytest.approx(verdict.reward, abs=1e-9)) if verdict.judged else None
        assert got == expected


@pytest.mark.parametrize(
    ("verifier", "response", "correct", "reward"),
    [
        ("all(format, exact)", boxed("blue"), True, 1.0),
        ("all(format, exact)", "The answer is blue", False, 0.0),
        ("all(format, exact)", boxed("red"), False, 0.0),
        ("any(exact, hostile_verifiers:says_yes)", "yes", True, 1.0),
        ("any(exact, hostile_verifiers:says_yes)", boxed("blue"), True, 1.0),
        ("any(exact, hostile_verifiers:says_yes)", "no", False, 0.0),
        ("weighted(0.75 exact, 0.25 format)", boxed("blue"), True, 1.0),
        ("weighted(0.75 exact, 0.25 format)", boxed("red"), False, 0.25),
        ("weighted(0.75 exact, 0.25 format)", "The answer is blue", False, 0.75),
        ("weighted(0.75 exact, 0.25 format)", "no idea\nat all", False, 0.0),
        ("all(any(exact, hostile_verifiers:says_yes), format)", boxed("blue"), True, 1.0),
    ],
)
def test_the_pool_composes_verifiers_of_all_kinds(
    pool: VerifierPool, verifier: str, response: str, correct: bool, reward: float
) -> None:
    (verdict,) = pool.verify([(response, make_prompt(verifier, "blue"))])
    assert (verdict.correct, verdict.reward) == (correct, reward)


def test_a_decided_composition_asks_no_costlier_part(pool: VerifierPool) -> None:
    hang = "hostile_verifiers:misbehaves"
    verdicts = pool.verify(
        [
            ("sleep", make_prompt(f"all({hang}, format)", "blue")),
            (r"\boxed{blue}", make_prompt(f"any({hang}, exact)", "blue")),
        ]
    )
    assert [verdict.correct for verdict in verdicts] == [False, True]
    assert pool.counts["timeout"] == 0
    assert verdicts[0].reason == "format: no answer"


def test_a_part_that_hangs_or_crashes_is_a_wrong_part(pool: VerifierPool) -> None:
    hang = "hostile_verifiers:misbehaves"
    before = pool.counts["crash"]
    verdicts = pool.verify([("exit", make_prompt(f"any(exact, {hang})", "blue"))])
    assert (verdicts[0].correct, verdicts[0].judged) == (False, True)
    assert pool.counts["crash"] == before + 1 and "crash" in verdicts[0].reason


def test_a_gold_answer_must_suit_every_part() -> None:
    check_gold(make_prompt("all(format, number)", "12"))
    with pytest.raises(ValueError, match="test/0/all"):
        check_gold(make_prompt("all(format, number)", "twelve"))
    with pytest.raises(ValueError, match="judge"):
        check_gold(make_prompt("any(exact, judge)", " "))
    assert resolve_verifier("weighted(0.5 exact, 0.5 format)")(boxed("red"), make_prompt("x", "blue")).reward == 0.5


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_scores_outside_0_to_1_are_refused(score: float) -> None:
    with pytest.raises(ValueError, match="must be in"):
        Verdict(False, "", "", score=score)
