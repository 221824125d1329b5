"""File sources made on the spot with the real libraries, and a look at what their prompts show."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import webdataset
from PIL import Image

from vlm_rl.config import DataConfig, FileSource
from vlm_rl.data.decode import decode_image
from vlm_rl.data.file_prompts import FilePrompts
from vlm_rl.data.image_uri import digest, read_encoded
from vlm_rl.types import Prompt

INSTRUCTION = "Box the answer."
GOOD = {"question": "?", "answer": "1"}


def png(colour: str, side: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def opened(kind: str, path: Path | str, *, skip: bool = False, bomb_pixels: int = 10**6, **options: Any) -> FilePrompts:
    options = {"instruction": INSTRUCTION, **options}
    source = FileSource.model_validate({"kind": kind, "path": str(path), **options})
    cfg = DataConfig(
        sources=(source,),
        on_bad_record="skip" if skip else "raise",
        image_max_pixels=100,
        image_bomb_pixels=bomb_pixels,
    )
    return FilePrompts(source, cfg)


def colours(source: FilePrompts, prompt: Prompt) -> list[Any]:
    """The colour of each image of a prompt, read back through its uri."""
    found = []
    for ref in prompt.images:
        data = read_encoded(ref.uri, {source.name: source})
        assert ref.sha256 == digest(data)
        assert ref.max_pixels == 100
        found.append(decode_image(data, max_pixels=100, bomb_pixels=1000).getpixel((0, 0)))
    return found


RED, BLUE, LIME = (255, 0, 0), (0, 0, 255), (0, 255, 0)


def write_jsonl(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def write_shard(path: Path, *samples: dict[str, Any]) -> Path:
    with webdataset.TarWriter(str(path)) as sink:
        for sample in samples:
            sink.write(sample)
    return path
