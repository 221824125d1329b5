"""Rewards: verifiers, the processes that run them, the length reward, and the scoring of groups.

A verifier of your own is a function `(response, prompt) -> Verdict`, named by its path, "package.module:function", in
the prompts' field `verifier`. Verifiers are composed by name, e.g. "all(format, math)": see composed.py.
"""

from __future__ import annotations

import difflib
from importlib import import_module

from vlm_rl.reward import choice, code, exact, format, judge_prompt, math, number, typed
from vlm_rl.reward.composed import Leaf, composed_verifier, leaf_names, parse
from vlm_rl.types import Prompt, Verifier

VERIFIERS: dict[str, Verifier] = {
    "typed": typed.verify,
    "math": math.verify,
    "number": number.verify,
    "choice": choice.verify,
    "exact": exact.verify,
    "format": format.verify,
    "code": code.verify,
    "judge": judge_prompt.verify,
}


def resolve_verifier(name: str) -> Verifier:
    """The verifier called `name`: a key of VERIFIERS, "package.module:function", or a composition of such.

    Raises ValueError for an unknown name, with the nearest known one, and for a path that leads to no function.
    """
    if name in VERIFIERS:
        return VERIFIERS[name]
    check_name(name)
    expression = parse(name)
    if not isinstance(expression, Leaf):
        return composed_verifier(expression, resolve_verifier)
    module_name, _, function_name = name.partition(":")
    try:
        function = getattr(import_module(module_name), function_name, None)
    except ImportError as error:
        raise ValueError(f"verifier {name!r}: cannot import {module_name}: {error}") from error
    if not callable(function):
        raise ValueError(f"verifier {name!r}: {module_name} has no function {function_name}")
    verifier: Verifier = function
    return verifier


def check_name(name: str) -> None:
    """Raise ValueError unless `name` is a key of VERIFIERS, has the form of a path, or composes such."""
    if name in VERIFIERS:
        return
    expression = parse(name)
    if not isinstance(expression, Leaf):
        for leaf in leaf_names(expression):
            check_name(leaf)
        return
    module_name, colon, function_name = name.partition(":")
    if colon and function_name.isidentifier() and all(map(str.isidentifier, module_name.split("."))):
        return
    nearest = difflib.get_close_matches(name, VERIFIERS, n=1, cutoff=0.0)[0]
    raise ValueError(
        f"unknown verifier {name!r}; did you mean {nearest}? Known: {', '.join(VERIFIERS)}, "
        "package.module:function, or all(), any() and weighted() of such"
    )


def check_gold(prompt: Prompt) -> None:
    """Raise ValueError, naming the prompt, if its verifier cannot read its gold answer. Meant for load time."""
    resolve_verifier(prompt.verifier)("", prompt)  # a verifier reads the gold answer before the response
