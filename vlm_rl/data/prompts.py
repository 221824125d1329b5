"""Open the sources of a run, endless and finite."""

from __future__ import annotations

from vlm_rl.config import DataConfig
from vlm_rl.data.file_prompts import FilePrompts
from vlm_rl.data.synth_prompts import Cell, SynthPrompts

__all__ = ["Cell", "FilePrompts", "SynthPrompts", "load_sources"]


def load_sources(cfg: DataConfig) -> list[SynthPrompts | FilePrompts]:
    """The sources in the config's order. Raises ValueError if two share a name or a cell, or as the sources do."""
    sources: list[SynthPrompts | FilePrompts] = []
    seen: dict[str, int] = {}
    for place, source in enumerate(cfg.sources):
        opened = SynthPrompts(source, cfg) if source.kind == "synth" else FilePrompts(source, cfg)
        keys = [opened.name] if isinstance(opened, FilePrompts) else [f"cell {cell}" for cell in opened.cells]
        for key in keys:
            if key in seen:
                raise ValueError(
                    f"data.sources.{seen[key]} and data.sources.{place} must differ, but both are {key!r}: "
                    "name one of them, or give it other levels"
                )
            seen[key] = place
        sources.append(opened)
    return sources
