"""Rewards: verifiers, the processes that run them, the length reward, and the scoring of groups.

A verifier of your own is a function `(response, prompt) -> Verdict`, named by its path, "package.module:function", in
the prompts' field `verifier`.
"""

from __future__ import annotations

import difflib
from importlib import import_module

from vlm_rl.reward import choice, exact, math, number, typed
from vlm_rl.types import Prompt, Verifier

VERIFIERS: dict[str, Verifier] = {
    "typed": typed.verify,
    "math": math.verify,
    "number": number.verify,
    "choice": choice.verify,
    "exact": exact.verify,
}


def resolve_verifier(name: str) -> Verifier:
    """The verifier called `name`: a key of VERIFIERS, or "package.module:function".

    Raises ValueError for an unknown name, with the nearest known one, and for a path that leads to no function.
    """
    if name in VERIFIERS:
        return VERIFIERS[name]
    check_name(name)
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
    """Raise ValueError unless `name` is a key of VERIFIERS or has the form of a path; imports nothing."""
    module_name, colon, function_name = name.partition(":")
    if name in VERIFIERS or (
        colon and function_name.isidentifier() and all(map(str.isidentifier, module_name.split(".")))
    ):
        return
    nearest = difflib.get_close_matches(name, VERIFIERS, n=1, cutoff=0.0)[0]
    raise ValueError(
        f"unknown verifier {name!r}; did you mean {nearest}? Known: {', '.join(VERIFIERS)}, or package.module:function"
    )


def check_gold(prompt: Prompt) -> None:
    """Raise ValueError, naming the prompt, if its verifier cannot read its gold answer. Meant for load time."""
    resolve_verifier(prompt.verifier)("", prompt)  # a verifier reads the gold answer before the response
