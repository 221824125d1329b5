"""Prompts and hostile texts that several test files need."""

from __future__ import annotations

import json

from vlm_rl.types import Message, Prompt

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE


def make_prompt(verifier: str, answer: str, **tags: str | list[str]) -> Prompt:
    pairs = tuple((name, value if isinstance(value, str) else json.dumps(value)) for name, value in tags.items())
    return Prompt(
        id=f"test/0/{verifier}",
        messages=(Message("user", "What is it?"),),
        images=(),
        answer=answer,
        verifier=verifier,
        family="test",
        level=0,
        modality="text",
        tags=pairs,
    )


def boxed(answer: str) -> str:
    return f"Some thoughts first.\nSo it is \\boxed{{{answer}}}."


# texts that have broken parsers; none of them states any gold answer used in the tests
HOSTILE = [
    "",
    " ",
    "\x00",
    "\\boxed{\x00}",
    "\\boxed{\u202e21\u202c}",
    "\\boxed{\u200b}",
    "\ud800",
    "\\boxed{" + "9" * MEGABYTE + "}",
    "9" * MEGABYTE,
    "\\boxed{" * 50_000,
    "\\boxed{" + "{" * 50_000 + "}" * 50_000 + "}",
    "}" * MEGABYTE,
    "<answer>" * 50_000,
    "<answer>" + "a" * MEGABYTE + "</answer>",
    "<think>" * 50_000,
    "answer is " * 50_000,
    "answer " + " " * MEGABYTE,
    "**" * MEGABYTE,
    "$" * MEGABYTE,
    "\\" * MEGABYTE,
    "\n" * MEGABYTE,
    "\\boxed{9**9**9**9}",
    "\\boxed{1e999999999}",
    "\\boxed{1e-999999999}",
    "\\boxed{NaN}",
    "\\boxed{inf}",
    "\\boxed{-}",
    "\\boxed{,}",
    "\\boxed{/}",
    "\\boxed{1/0}",
    "\\boxed{\\frac{1}{0}}",
    "\\boxed{\\frac}",
    "\\boxed{\\text{}}",
    "\\boxed{" + "\\text{" * 500 + "}" * 500 + "}",
    "\\boxed{" + "a" * 30 + "!" + "}",
    "\\boxed{" + "1 " * 2000 + "}",
    "\\boxed{" + "1," * 2000 + "}",
    "\\boxed{" + "1/" * 2000 + "}",
    "\\boxed{__import__('os').system('echo')}",
    "\\boxed{%s%n{0}}",
    "\\boxed{\uff11\uff12}",
    "\\boxed{\u0661\u0662}",
]
