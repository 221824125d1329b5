"""Writing an evaluation's folder: run.json, responses.jsonl, images/. A killed run goes on in it.

The main process appends to responses.jsonl; another process of the same run to responses-RANK.jsonl, which the main one
moves over when all are done, or when the run is started again.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from vlm_rl.data.image_uri import digest, file_uri
from vlm_rl.types import ImageRef

RUN, RESPONSES, SUMMARY = "run.json", "responses.jsonl", "summary.json"
_PARTS = "responses-*.jsonl"

Line = Mapping[str, Any]


def write_whole(path: Path, data: str | bytes) -> None:
    """Write a file or, if killed on the way, leave what was there."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    partial.write_bytes(data.encode() if isinstance(data, str) else data)
    os.replace(partial, path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process. Raises ValueError if another one has it; a killed one has it no more."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"{folder} is in use by another evaluation: wait, or choose another --out") from None
        yield


def start(folder: Path, run: Mapping[str, Any]) -> None:
    """Write run.json, or check that it says the same. Raises ValueError that names what differs."""
    path = folder / RUN
    if not path.exists():
        if (folder / RESPONSES).exists():
            raise ValueError(f"{folder} has {RESPONSES} but no {RUN}: choose another --out, or delete that folder")
        write_whole(path, json.dumps(run, indent=1) + "\n")
        return
    try:
        saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}): choose another --out, or delete that folder") from None
    wanted = json.loads(json.dumps(run))
    differences = [
        f"{key}: {saved.get(key)!r} there, {wanted.get(key)!r} now"
        for key in {**saved, **wanted}
        if saved.get(key) != wanted.get(key)
    ]
    if differences:
        raise ValueError(
            f"{folder} holds another evaluation:\n  "
            + "\n  ".join(differences)
            + "\nChoose another --out, or delete that folder."
        )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a responses file, but for a last one without its end (killed while it was written).

    Raises ValueError naming file and line for anything else that is no response.
    """
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [_parse(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where} is not JSON ({error}): delete that line, and its question is asked again") from None
    if not isinstance(row, dict) or not {"id", "sample"} <= row.keys():
        raise ValueError(f"{where} must be an object with id and sample, got {line[:80]!r}")
    return row


def key_of(line: Line) -> tuple[str, int]:
    return line["id"], line["sample"]


def mend(folder: Path) -> list[str]:
    """Drop torn last lines, and move the other processes' lines into responses.jsonl; what was dropped, in words."""
    path, told = folder / RESPONSES, []
    parts = sorted(folder.glob(_PARTS))
    for file in [path, *parts]:
        if cut := _drop_torn(file):
            told.append(f"{file.name}: the last line was cut off after {cut} bytes; its question is asked again")
    done = {key_of(line) for line in read_lines(path)}
    for part in parts:
        with Appender(path) as appender:
            appender.append([line for line in read_lines(part) if key_of(line) not in done])
        part.unlink()
    return told


def _drop_torn(path: Path) -> int:
    """Cut off what follows the last newline; its length in bytes."""
    data = path.read_bytes() if path.exists() else b""
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
    return len(data) - whole


class Appender:
    """Appends lines to a responses file; they are on the disk when `append` returns. A context manager.

    What JSON does not have (a record's dates, say) is written as text.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("ab")

    def __enter__(self) -> Appender:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, lines: Sequence[Line]) -> None:
        if lines:
            self._file.write(b"".join(json.dumps(line, default=str).encode("ascii") + b"\n" for line in lines))
            self._file.flush()
            os.fsync(self._file.fileno())


def responses_path(folder: Path, rank: int) -> Path:
    """The file that a process appends to."""
    return folder / (f"responses-{rank}.jsonl" if rank else RESPONSES)


def image_name(question_id: str, column: str) -> str:
    """A file name for every image, no two alike; characters that file systems and urls mind become `.hex.`."""
    safe = re.sub(r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):x}.", question_id)
    return f"{safe}-{column}.png"


def store_image(folder: Path, name: str, image: Image.Image) -> None:
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    path = folder / "images" / name
    path.parent.mkdir(exist_ok=True)
    write_whole(path, encoded.getvalue())


def image_ref(folder: Path, name: str, max_pixels: int) -> ImageRef:
    """A stored image, as prompts refer to it."""
    path = folder / "images" / name
    return ImageRef(file_uri(str(path)), digest(path.read_bytes()), max_pixels)
