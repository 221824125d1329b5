"""Verifier for programs: the last fenced code block is run on all tests, in a sandbox, and must pass each of them.

The expected outputs stay in this process. Call it through `VerifierPool`, with a time limit of
`Limits.verdict_seconds` or more.
"""

from __future__ import annotations

from contextlib import closing

from vlm_rl.reward.code_tests import CodeTests, read_tests
from vlm_rl.reward.final_answer import after_thinking
from vlm_rl.sandbox import open_sandbox
from vlm_rl.sandbox.program import Language, Limits, Outcome, Program, Sandbox
from vlm_rl.types import Prompt, Verdict

MAX_SOURCE_CHARS = 200_000

_NAMES: dict[Language, str] = {"python": "python py python3 py3", "cpp": "cpp c++ cc cxx c++17 cpp17 c++20 cpp20"}
_LABELS = {name: language for language, names in _NAMES.items() for name in names.split()}
_open: dict[str, Sandbox] = {}


def use(where: str, limits: Limits | None = None) -> None:
    """Run programs in the sandbox that `where` names (see `open_sandbox`) from now on.

    Raises ValueError or SandboxError, with the remedy, where that cannot be.
    """
    sandbox = open_sandbox(where, limits)
    if _open:
        _open.pop("sandbox").close()
    _open["sandbox"] = sandbox


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the response's last program passes all tests; `reason` is the first failure's kind.

    prediction: how far it came, "test 3 of 10". Raises ValueError for tests that cannot be read, and SandboxError where
    the sandbox itself fails; without a call of `use` that is bubblewrap with the default limits.
    """
    tests = read_tests(prompt)
    program = last_program(response, tests)
    if program is None:
        return Verdict(False, "", "no code")
    if len(program.source) > MAX_SOURCE_CHARS:
        return Verdict(False, f"{len(program.source)} characters", str(Outcome.COMPILE_ERROR))
    if not _open:
        use("bwrap")
    runs = _open["sandbox"].run(program, (case.input for case in tests.cases))
    with closing(runs):
        for number, (case, run) in enumerate(zip(tests.cases, runs, strict=True), 1):
            if run.outcome is not Outcome.OK or not tests.accepts(case, run.output):
                reason = "wrong answer" if run.outcome is Outcome.OK else str(run.outcome)
                return Verdict(False, f"test {number} of {len(tests.cases)}", reason)
    return Verdict(True, f"{len(tests.cases)} tests", "match")


def last_program(response: str, tests: CodeTests) -> Program | None:
    """The last fenced block that is a program, by its label or for want of one; None where there is none.

    Blocks labelled as something else (text, bash, json) are none. A last block that is cut off is no answer: an earlier
    one does not stand in for it. For a function's tests a program in another language than Python is none either.
    """
    blocks = fenced_blocks(after_thinking(response) or "")
    programs = [(label, text) for label, text in blocks if not label or label.lower() in _LABELS]
    if not programs or programs[-1][1] is None:
        return None
    label, text = programs[-1]
    language = _LABELS.get(label.lower(), tests.language)
    if not text or not text.strip() or (tests.function and language != "python"):
        return None
    return Program(language, text, tests.function)


def fenced_blocks(text: str) -> list[tuple[str, str | None]]:
    """(label, content) of each fenced code block of Markdown; the content of an unclosed one is None."""
    blocks: list[tuple[str, str | None]] = []
    opening, label, indent, lines = "", "", 0, list[str]()
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        fence, info = _fence(line)
        if not opening and fence:
            opening, label, indent, lines = fence, (info.split() or [""])[0], len(line) - len(line.lstrip(" ")), []
        elif fence.startswith(opening) and fence and not info:
            blocks.append((label, "".join(lines)))
            opening = ""
        elif opening:  # in an indented block, in a list say, every line is indented
            lines.append(line[min(indent, len(line) - len(line.lstrip(" "))) :] + "\n")
    return [*blocks, (label, None)] if opening else blocks


def _fence(line: str) -> tuple[str, str]:
    """The fence (``` or ~~~, or longer) that a line is, and what stands behind it; "" where it is none."""
    text = line.strip()
    mark = text[:1]
    if mark not in ("`", "~"):
        return "", ""
    info = text.lstrip(mark)
    fence = text[: len(text) - len(info)]
    return (fence, info.strip()) if len(fence) >= 3 and "`" not in info else ("", "")
