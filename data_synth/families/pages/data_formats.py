"""Records as JSON, CSV, YAML or a log: written by one half of this file, read back by the other with other means."""

from __future__ import annotations

import csv
import json
import re
from fractions import Fraction
from typing import Any

from data_synth.families.pages.data_words import RATE
from data_synth.program import Scene

FORMATS = ("json", "csv", "yaml", "log")
NESTED = 6  # records from which on each takes one line: YAML nests them in their groups, JSON gives rows of values
COLUMNS = 44  # characters of a line of JSON; a longer one is broken in two

Record = dict[str, Any]


def shown(amount: int, scale: int) -> str:
    """1250 -> 12.50 if scale is 100."""
    return str(amount) if scale == 1 else f"{amount // 100}.{amount % 100:02d}"


def columns(scene: Scene) -> list[str]:
    """Which parts of a row are written, in order."""
    return ["name", "group", *(["factor"] if scene["factored"] else []), "amount"]


def cells(scene: Scene, row: Record) -> list[str]:
    """What is written of a row."""
    return [shown(row[part], scene["scale"]) if part == "amount" else str(row[part]) for part in columns(scene)]


def as_text(scene: Scene) -> str:
    """The data in its format."""
    return {"json": _json, "csv": _csv, "yaml": _yaml, "log": _log}[scene["format"]](scene)


def _json(scene: Scene) -> str:
    keys = [json.dumps(scene["fields"][part]) for part in columns(scene)]
    rows = [[json.dumps(text) if n < 2 else text for n, text in enumerate(cells(scene, row))] for row in scene["rows"]]
    lines = ["{"]
    if scene["rates"]:
        rates = ", ".join(f'"{group}": {rate}' for group, rate in scene["rates"].items())
        lines.append(_folded(f' "{RATE}": {{', rates, "},"))
    if len(rows) < NESTED:
        pairs = [[f"{key}: {text}" for key, text in zip(keys, row, strict=True)] for row in rows]
        long = any(len(", ".join(row)) + 4 > COLUMNS for row in pairs)  # then all are broken, so that they look alike
        records = [_folded("  {", ", ".join(row), "}", 1 if long else COLUMNS) for row in pairs]
    else:
        lines.append(_folded(' "columns": [', ", ".join(keys), "],"))
        records = [f"  [{', '.join(row)}]" for row in rows]
    return "\n".join([*lines, f' "{scene["fields"]["records"]}": [', ",\n".join(records), " ]", "}"])


def _folded(opening: str, text: str, closing: str, most: int = COLUMNS) -> str:
    """Joined; if that is more than so many characters, the text is broken after the middle one of its commas."""
    if len(opening + text + closing) > most:
        commas = [match.end() for match in re.finditer(",", text)]
        middle = commas[len(commas) // 2]
        text = f"{text[:middle]}\n   {text[middle + 1 :]}"
    return opening + text + closing


def _csv(scene: Scene) -> str:
    lines = [",".join(scene["fields"][part] for part in columns(scene))]
    lines += [",".join(cells(scene, row)) for row in scene["rows"]]
    if scene["rates"]:
        rates = [f"{group},{rate}" for group, rate in scene["rates"].items()]
        lines = [f"{scene['fields']['group']},{RATE}", *rates, "", *lines]
    return "\n".join(lines)


def _yaml(scene: Scene) -> str:
    fields, parts = scene["fields"], columns(scene)
    lines = [f"{RATE}:", *(f"  {group}: {rate}" for group, rate in scene["rates"].items())] if scene["rates"] else []
    lines.append(f"{fields['records']}:")
    if len(scene["rows"]) < NESTED:
        for row in scene["rows"]:
            pairs = [f"{fields[part]}: {text}" for part, text in zip(parts, cells(scene, row), strict=True)]
            lines += [f"  - {pairs[0]}", *(f"    {pair}" for pair in pairs[1:])]
        return "\n".join(lines)
    for group in dict.fromkeys(row["group"] for row in scene["rows"]):
        lines.append(f"  {group}:")
        for row in scene["rows"]:
            if row["group"] == group:
                name, _, *texts = cells(scene, row)
                pairs = [f"{fields[part]}: {text}" for part, text in zip(parts[2:], texts, strict=True)]
                lines.append(f"    {name}: {{{', '.join(pairs)}}}")
    return "\n".join(lines)


def _log(scene: Scene) -> str:
    lines = []
    for row in scene["rows"]:
        factor = f", {scene['fields']['factor']} {row['factor']}" if scene["factored"] else ""
        clock = f"{row['time'] // 3600:02d}:{row['time'] // 60 % 60:02d}:{row['time'] % 60:02d}"
        lines.append(f"{clock} {row['group']} {row['name']}: {row['amount']} {scene['fields']['amount']}{factor}")
    return "\n".join(lines)


def read_text(text: str, kind: str) -> tuple[list[Record], dict[str, int]]:
    """(records by the names of their fields, rates by group) from text in a format. Numbers are Fractions."""
    if kind == "json":
        return _read_json(text)
    if kind == "csv":
        *first, last = text.split("\n\n")
        rows = [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(last.split("\n"))]
        return rows, {key: int(rate) for key, rate in csv.reader(first[0].split("\n")[1:])} if first else {}
    return _read_log(text) if kind == "log" else _read_yaml(text)


def _read_json(text: str) -> tuple[list[Record], dict[str, int]]:
    tables = json.loads(text, parse_float=Fraction)
    rates, names = tables.pop(RATE, {}), tables.pop("columns", None)
    (records,) = tables.values()
    return [row if names is None else dict(zip(names, row, strict=True)) for row in records], rates


def _number(text: str) -> str | Fraction:
    return Fraction(text) if re.fullmatch(r"\d+(\.\d+)?", text) else text


def _read_log(text: str) -> tuple[list[Record], dict[str, int]]:
    rows = []
    for line in text.split("\n"):
        match = re.fullmatch(r"(\d+):(\d+):(\d+) (\w+) (\w+): (\d+) ms(?:, (\w+) (\d+))?", line)
        if match is None:
            raise ValueError(f"not a line of the log: {line!r}")
        hours, minutes, seconds, level, service, spent, other, number = match.groups()
        row: Record = {"time": (int(hours) * 60 + int(minutes)) * 60 + int(seconds), "level": level, "service": service}
        rows.append(row | {"ms": Fraction(spent)} | ({other: Fraction(number)} if other else {}))
    return rows, {}


def _read_yaml(text: str) -> tuple[list[Record], dict[str, int]]:
    """Records as a list of mappings, or nested as group, name and fields; `group` and `name` are then called so."""
    rates: dict[str, int] = {}
    rows: list[Record] = []
    section = group = ""
    for line in text.split("\n"):
        depth, (key, _, rest) = len(line) - len(line.lstrip()), line.strip().removeprefix("- ").partition(":")
        rest = rest.strip()
        if depth == 0:
            section = key
        elif section == RATE:
            rates[key] = int(rest)
        elif not rest:
            group = key
        elif rest.startswith("{"):
            pairs = (pair.split(": ") for pair in rest[1:-1].split(", "))
            rows.append({"group": group, "name": key} | {name: _number(value) for name, value in pairs})
        else:
            if line.strip().startswith("- "):
                rows.append({})
            rows[-1][key] = _number(rest)
    return rows, rates
