"""A second interpreter of the small language, which reads program text line by line and shares nothing with the first.

Blocks are found by their indentation and expressions are evaluated while they are read, from left to right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\d+|[a-z_]+|//|==|[-+*%<>()\[\],]")
_MOST = 10_000  # lines executed


@dataclass
class Reading:
    """What a program did. history: (line, name, value) of each number stored; printed: what it put out."""

    memory: dict[str, int | list[int]] = field(default_factory=dict)
    history: list[tuple[int, str, int]] = field(default_factory=list)
    printed: list[int] = field(default_factory=list)


def read_code(lines: list[str]) -> Reading:
    """Run the program. Raises ValueError for what is no program of the language."""
    reader = _Reader(lines)
    reader.block(0, len(lines))
    return reader.reading


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.reading = Reading()
        self.executed = 0

    def _end(self, start: int) -> int:
        """Where the block below line `start` ends (lines from 0)."""
        end = start + 1
        while end < len(self.lines) and _depth(self.lines[end]) > _depth(self.lines[start]):
            end += 1
        return end

    def block(self, start: int, end: int) -> bool:
        """Run lines start .. end - 1; True if a break left them."""
        here = start
        while here < end:
            self.executed += 1
            if self.executed > _MOST:
                raise ValueError("the program does not end")
            line = self.lines[here].strip()
            if line == "break":
                return True
            if line.endswith(":"):
                left, here = self._compound(line, here)
                if left:
                    return True
                continue
            self._simple(line, here + 1)
            here += 1
        return False

    def _compound(self, line: str, here: int) -> tuple[bool, int]:
        """Run if, while or for; whether a break left the block around it, and where to go on."""
        end = self._end(here)
        if line.startswith("if "):
            otherwise = end < len(self.lines) and self.lines[end].strip() == "else:"
            otherwise = otherwise and _depth(self.lines[end]) == _depth(self.lines[here])
            after = self._end(end) if otherwise else end
            if self.value(line[3:-1]):
                return self.block(here + 1, end), after
            return (self.block(end + 1, after) if otherwise else False), after
        if line.startswith("while "):
            while self.value(line[6:-1]) and not self.block(here + 1, end):
                pass
            return False, end
        match = re.fullmatch(r"for (\w+) in (.+):", line)
        if match is None:
            raise ValueError(f"cannot read the line {line!r}")
        for value in self._items(match[2]):
            self._store(match[1], value, here + 1)
            if self.block(here + 1, end):
                break
        return False, end

    def _items(self, text: str) -> list[int]:
        if not text.startswith("range("):
            return list(self._list(text))
        ends = [self.value(part) for part in text[6:-1].split(", ")]
        low, high = (0, ends[0]) if len(ends) == 1 else ends
        found = []
        while low < high:
            found.append(low)
            low += 1
        return found

    def _simple(self, line: str, number: int) -> None:
        if match := re.fullmatch(r"print\((.+)\)", line):
            self.reading.printed.append(self.value(match[1]))
        elif match := re.fullmatch(r"(\w+)\.append\((.+)\)", line):
            self._list(match[1]).append(self.value(match[2]))
        elif match := re.fullmatch(r"(\w+) = \[(.*)\]", line):
            self.reading.memory[match[1]] = [int(part) for part in match[2].split(", ")]
        elif match := re.fullmatch(r"(\w+)\[(.+)\] = (.+)", line):
            value = self.value(match[3])
            self._list(match[1])[self.value(match[2])] = value
        elif match := re.fullmatch(r"(\w+) = (.+)", line):
            self._store(match[1], self.value(match[2]), number)
        else:
            raise ValueError(f"cannot read the line {line!r}")

    def _store(self, name: str, value: int, number: int) -> None:
        self.reading.memory[name] = value
        self.reading.history.append((number, name, value))

    def _list(self, name: str) -> list[int]:
        held = self.reading.memory[name]
        if isinstance(held, int):
            raise ValueError(f"{name} is a number, not a list")
        return held

    def value(self, text: str) -> int:
        """The value of an expression or a test; tests give 0 or 1."""
        tokens = _TOKEN.findall(text)[::-1]
        left = self._sum(tokens)
        if not tokens:
            return left
        sign, right = tokens.pop(), self._sum(tokens)
        return int(left > right if sign == ">" else left < right if sign == "<" else left == right)

    def _sum(self, tokens: list[str]) -> int:
        """A chain of + and -; `tokens` are read from their end."""
        total = self._product(tokens)
        while tokens and tokens[-1] in "+-":
            sign = 1 if tokens.pop() == "+" else -1
            total += sign * self._product(tokens)
        return total

    def _product(self, tokens: list[str]) -> int:
        value = self._atom(tokens)
        while tokens and tokens[-1] in ("*", "//", "%"):
            sign, other = tokens.pop(), self._atom(tokens)
            if sign == "*":
                value = value * other
            else:
                whole, rest = divmod(value, other)
                value = whole if sign == "//" else rest
        return value

    def _atom(self, tokens: list[str]) -> int:
        token = tokens.pop()
        if token.isdecimal():
            return int(token)
        if token == "-":
            return -self._atom(tokens)
        if token == "(":
            value = self._sum(tokens)
            tokens.pop()
            return value
        if tokens and tokens[-1] == "(":  # a function of a list
            tokens.pop()
            held = sorted(self._list(tokens.pop()))
            tokens.pop()
            return {"len": len(held), "max": held[-1], "min": held[0], "sum": sum(held)}[token]
        if tokens and tokens[-1] == "[":
            tokens.pop()
            place = self._sum(tokens)
            tokens.pop()
            return self._list(token)[place]
        named = self.reading.memory[token]
        if not isinstance(named, int):
            raise ValueError(f"{token} is a list, not a number")
        return named
