"""The tests of a programming problem, as LiveCodeBench and TACO/APPS write them, and how an output is compared.

A gold answer is a JSON text, one of
    LiveCodeBench  {"public_test_cases": TESTS, "private_test_cases": TESTS, "metadata": {"func_name": NAME}}, or TESTS
                   alone; TESTS is a list of {"input", "output", "testtype": "stdin" | "functional"}
    TACO, APPS     {"input_output": IO} or IO alone; IO is {"inputs": [...], "outputs": [...], "fn_name": NAME}
where each inner object may itself be JSON text, as the data sets have it; a "language" (python | cpp) may be added.
LiveCodeBench packs private tests as a compressed pickle of one string, which is read here without unpickling.

Comparison is the official checkers', in LiveCodeBench's case to the letter. Of TACO's and APPS' more generous ways
(any order of lines, a float tolerance for integers, the first element of a list) only harmless ones are kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import pickletools
import zlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal, cast

from vlm_rl.sandbox.program import Language
from vlm_rl.types import Prompt

MAX_PACKED_BYTES = 1 << 29
RELATIVE, ABSOLUTE = Decimal("1e-5"), Decimal("1e-8")  # numpy.allclose, which TACO and APPS use
_MAX_NUMBER_CHARS = 1000
_HARMLESS_OPCODES = {"PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT", "STOP"}
_TEXT_OPCODES = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}


@dataclass(frozen=True, slots=True)
class Case:
    """One test. input: standard input, or the JSON list of a function's arguments. expected: text, or a JSON value."""

    input: str
    expected: Any


@dataclass(frozen=True, slots=True)
class CodeTests:
    """function: the function that the tests call; empty = they are about standard input and output."""

    cases: tuple[Case, ...]
    function: str
    style: Literal["livecodebench", "taco"]
    language: Language = "python"

    def accepts(self, case: Case, output: str) -> bool:
        """Whether `output` (text, or of a function the JSON text of its result) is what the case expects."""
        if self.function:
            try:
                value = json.loads(output)
            except (ValueError, RecursionError):  # whole numbers of thousands of digits, or absurdly deep
                return False
            return same_value(value, case.expected, unwrap=self.style == "taco")
        return same_output(output, case.expected, tolerant=self.style == "taco")


def read_tests(prompt: Prompt) -> CodeTests:
    """The tests in the prompt's gold answer. Raises ValueError naming the prompt if they cannot be read."""
    try:
        return _read(prompt.answer)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"prompt {prompt.id}: the gold answer must be a problem's tests, as LiveCodeBench or TACO has them: {error}"
        ) from error


def same_output(output: str, expected: str, *, tolerant: bool) -> bool:
    """Line by line, blanks at the ends of lines and of the text aside; else number by number, exactly.

    tolerant: numbers that are not written as integers may differ as numpy.allclose has it.
    """
    lines, wanted = _lines(output), _lines(expected)
    if len(lines) != len(wanted):
        return False
    return all(
        line == want or _same_numbers(line.split(), want.split(), tolerant)
        for line, want in zip(lines, wanted, strict=True)
    )


def same_value(value: Any, expected: Any, *, unwrap: bool) -> bool:
    """unwrap: `expected` may be a list of one element, which is the value meant."""
    try:
        one = unwrap and isinstance(expected, list) and len(expected) == 1
        return bool(value == expected or (one and value == expected[0]))
    except RecursionError:
        return False


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _same_numbers(words: list[str], wanted: list[str], tolerant: bool) -> bool:
    if len(words) != len(wanted):
        return False
    return all(_same_number(word, want, tolerant) for word, want in zip(words, wanted, strict=True))


def _same_number(word: str, want: str, tolerant: bool) -> bool:
    number, wanted = _number(word), _number(want)
    if number is None or wanted is None:
        return tolerant and word == want
    if number == wanted:
        return True
    if not tolerant or want.lstrip("+-").isdigit():
        return False
    try:
        return abs(number - wanted) <= ABSOLUTE + RELATIVE * abs(wanted)
    except ArithmeticError:  # exponents that no context holds
        return False


def _number(word: str) -> Decimal | None:
    if len(word) > _MAX_NUMBER_CHARS or not word.isascii() or "_" in word:
        return None
    try:
        number = Decimal(word)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@lru_cache(maxsize=64)
def _read(text: str) -> CodeTests:
    gold = _json(text, "it")
    if isinstance(gold, list):
        gold = {"public_test_cases": gold}
    if not isinstance(gold, dict):
        raise ValueError(f"it is a JSON {type(gold).__name__}, not an object or a list of tests")
    language = gold.get("language", "python")
    if language not in ("python", "cpp"):
        raise ValueError(f"language must be python or cpp, got {language!r}")
    io = _json(gold.get("input_output", gold), "input_output")
    if isinstance(io, dict) and "inputs" in io:
        tests = _read_taco(io, cast(Language, language))
    elif "public_test_cases" in gold or "private_test_cases" in gold:
        tests = _read_livecodebench(gold, cast(Language, language))
    else:
        raise ValueError(f"it has none of public_test_cases, private_test_cases, inputs; it has {sorted(gold)[:10]}")
    if not tests.cases:
        raise ValueError("it has no test")
    if tests.function and language != "python":
        raise ValueError("function-call tests need language python, got cpp")
    return tests


def _read_livecodebench(gold: dict[str, Any], language: Language) -> CodeTests:
    rows: list[Any] = []
    for name in ("public_test_cases", "private_test_cases"):
        part = gold.get(name) or []
        if isinstance(part, str):
            part = _json(part if part.lstrip().startswith("[") else _unpack(part), name)
        if not isinstance(part, list):
            raise ValueError(f"{name} must be a list, got {type(part).__name__}")
        rows += part
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("input"), str) or not isinstance(row.get("output"), str):
            raise ValueError(f"test {number} needs input and output, both strings")
    types = {row.get("testtype", "stdin") for row in rows}
    if not types <= {"stdin", "functional"} or len(types) > 1:
        raise ValueError(f"testtype must be stdin or functional, the same for all tests, got {sorted(map(str, types))}")
    if types != {"functional"}:
        return CodeTests(tuple(Case(row["input"], row["output"]) for row in rows), "", "livecodebench", language)
    metadata = _json(gold.get("metadata") or {}, "metadata")
    function = metadata.get("func_name") if isinstance(metadata, dict) else None
    cases = []
    for number, row in enumerate(rows):
        arguments = [_json(line, f"input of test {number}") for line in row["input"].strip().split("\n")]
        cases.append(Case(json.dumps(arguments), _json(row["output"], f"output of test {number}")))
    return CodeTests(tuple(cases), _function_name(function, "metadata.func_name"), "livecodebench", language)


def _read_taco(io: dict[str, Any], language: Language) -> CodeTests:
    inputs, outputs = io["inputs"], io.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        raise ValueError("inputs and outputs must be lists of one length")
    if io.get("fn_name") is not None:
        for number, arguments in enumerate(inputs):
            if not isinstance(arguments, list):
                raise ValueError(f"inputs[{number}] must be the list of the function's arguments")
        cases = tuple(Case(json.dumps(given), want) for given, want in zip(inputs, outputs, strict=True))
        return CodeTests(cases, _function_name(io["fn_name"], "fn_name"), "taco", language)
    texts = [[_text(part, name, number) for number, part in enumerate(io[name])] for name in ("inputs", "outputs")]
    return CodeTests(tuple(Case(*pair) for pair in zip(*texts, strict=True)), "", "taco", language)


def _text(part: Any, name: str, number: int) -> str:
    """TACO writes some texts as lists of lines."""
    if isinstance(part, list) and all(isinstance(line, str) for line in part):
        return "\n".join(part)
    if not isinstance(part, str):
        raise ValueError(f"{name}[{number}] must be a string, or a list of lines")
    return part


def _function_name(name: Any, field: str) -> str:
    """Some names come as Solution.name."""
    if not isinstance(name, str) or not name.rpartition(".")[2].isidentifier():
        raise ValueError(f"{field} must name the function that the tests call, got {name!r}")
    return name.rpartition(".")[2]


def _json(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}") from None


def _unpack(packed: str) -> str:
    """The text in base64 of a zlib stream of a pickle: its opcodes are read, and none but a string's is allowed."""
    try:
        decompressor = zlib.decompressobj()
        data = decompressor.decompress(base64.b64decode(packed, validate=True), MAX_PACKED_BYTES)
        if not decompressor.eof:
            raise ValueError(f"it is cut off, or longer than {MAX_PACKED_BYTES} bytes")
        texts = []
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name in _TEXT_OPCODES:
                texts.append(argument)
            elif opcode.name not in _HARMLESS_OPCODES:
                raise ValueError(f"its pickle holds more than a string ({opcode.name})")
        (text,) = texts
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError(f"private_test_cases are neither JSON nor LiveCodeBench's packed form: {error}") from None
    return cast(str, text)
