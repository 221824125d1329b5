"""What determines the bytes of a data set: its arguments, checked, and the versions of what draws and writes it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import PIL
import PIL.features

from data_synth.generate import ItemError, cell_modalities, make
from data_synth.hold_out import HoldOut, shows
from data_synth.hold_out import hold_out as checked_hold_out
from data_synth.item import DEFAULT_MODALITIES, GEN_VERSION
from data_synth.render.fonts import font_hashes
from data_synth.shards import FORMATS
from data_synth.source_digest import source_digest

LOOKED_AT = 256  # items of a cell; of the rarest looks that a hold-out leaves, one in sixteen, some are among them
SEEDS = 2**32 - 1  # seeds are 0 .. SEEDS - 1, so that the indices of each (plan.py) fit into 64 bits


@dataclass(frozen=True, slots=True)
class Recipe:
    """What determines the bytes of a data set. modalities: those wanted, of which each family gives what it has.

    versions: of libraries, and digests of the font files and of the generator's source.
    """

    gen_version: str
    versions: dict[str, str]
    families: dict[str, tuple[int, ...]]
    count: int
    image_size: int
    split: str
    seed: int
    shard_size: int
    formats: tuple[str, ...]
    modalities: tuple[str, ...]
    hold_out: HoldOut

    def cells(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """(family, level, its modalities) in order."""
        return [
            (family, level, tuple(name for name in cell_modalities(family) if name in self.modalities))
            for family, levels in self.families.items()
            for level in levels
        ]


def make_recipe(
    families: Mapping[str, tuple[int, ...]],
    count: int,
    *,
    image_size: int,
    split: str,
    seed: int,
    shard_size: int,
    formats: Iterable[str],
    modalities: Iterable[str] | None,
    hold_out: Mapping[str, Iterable[str]],
) -> Recipe:
    """The checked arguments of `write_dataset`. Raises ValueError for arguments that make no data set."""
    _check_families(families)
    for what, value, least in (("count", count, 1), ("shard_size", shard_size, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{what} must be >= {least}, got {value}")
    if seed >= SEEDS:
        raise ValueError(f"seed must be in 0 .. {SEEDS - 1}, got {seed}")
    if not 32 <= image_size <= 2048:
        raise ValueError(f"image_size must be in 32 .. 2048 pixels, got {image_size}")
    if split not in ("train", "eval"):
        raise ValueError(f"split must be train or eval, got {split!r}")
    held = checked_hold_out(hold_out)
    if split == "train" and (refused := sorted(set(families) & set(held.families))):
        raise ValueError(f"held-out families are not for the train split, but families names {', '.join(refused)}")
    if split == "train" and held:
        _check_left(families, held)
    chosen_formats = tuple(name for name in FORMATS if name in set(formats))
    if not chosen_formats or set(formats) - set(FORMATS):
        raise ValueError(f"formats must be some of {', '.join(FORMATS)}, got {', '.join(formats) or 'none'}")
    return Recipe(
        gen_version=GEN_VERSION,
        versions=library_versions(chosen_formats),
        families={family: tuple(levels) for family, levels in families.items()},
        count=count,
        image_size=image_size,
        split=split,
        seed=seed,
        shard_size=shard_size,
        formats=chosen_formats,
        modalities=_modalities(families, modalities),
        hold_out=held,
    )


def _check_families(families: Mapping[str, tuple[int, ...]]) -> None:
    if not families or not all(families.values()):
        raise ValueError(f"families must name at least one family with at least one level each, got {dict(families)}")
    for family, levels in families.items():
        for level in levels:
            with suppress(ItemError):  # both are known then; the plan leaves the item out
                make(family, level, 0)  # names what is wrong with an unknown family or level
        if len(set(levels)) != len(levels):
            raise ValueError(f"families must name each level of {family} once, got {levels}")


def _check_left(families: Mapping[str, tuple[int, ...]], held: HoldOut) -> None:
    """Raise ValueError naming the cells whose items are all drawn in held-out fonts or palettes."""
    empty = {
        family: none
        for family, levels in families.items()
        if (none := [n for n in levels if all(_kept_out(family, n, index, held) for index in range(LOOKED_AT))])
    }
    if empty:
        named = ", ".join(f"{family}:{'+'.join(map(str, levels))}" for family, levels in empty.items())
        kinds = {"fonts": held.fonts, "palettes": held.palettes}
        given = " ".join(f"{kind}={','.join(names)}" for kind, names in kinds.items() if names)
        raise ValueError(
            f"the train split may not show what is held out, but every item of {named} is drawn in some of {given}: "
            "hold out others, or leave these levels out"
        )


def _kept_out(family: str, level: int, index: int, held: HoldOut) -> bool:
    try:
        return shows(make(family, level, index), held)
    except ItemError:
        return True


def _modalities(families: Iterable[str], wanted: Iterable[str] | None) -> tuple[str, ...]:
    """The wanted modalities, None = the default ones. Raises ValueError if a family has none of them."""
    known = list(dict.fromkeys(name for family in families for name in cell_modalities(family)))
    chosen = [name for name in DEFAULT_MODALITIES if name in known] if wanted is None else list(dict.fromkeys(wanted))
    if unknown := [name for name in chosen if name not in known]:
        raise ValueError(f"modalities must be some of {', '.join(known)}, got {', '.join(unknown)}")
    for family in families:
        if not set(cell_modalities(family)) & set(chosen):
            has = ", ".join(cell_modalities(family))
            raise ValueError(f"modalities must name some of {family}'s ({has}), got {', '.join(chosen) or 'none'}")
    return tuple(chosen)


def library_versions(formats: Iterable[str]) -> dict[str, str]:
    """Versions of what decides pixels and bytes here, digests of the font files and of the generator's source."""
    found: dict[str, Any] = {"data_synth_source": source_digest(), "font_files": _font_digest()}
    found |= {"pillow": PIL.__version__, "numpy": np.__version__}
    found["zlib"] = zlib.ZLIB_RUNTIME_VERSION  # packs the PNG files (png.py); Pillow's own packs nothing here
    found |= {name: PIL.features.version(name) for name in ("jpg", "libjpeg_turbo", "freetype2")}
    for package in ("typst", *(["pyarrow"] if "parquet" in formats else [])):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return {name: str(value) for name, value in found.items()}


@lru_cache(maxsize=1)
def _font_digest() -> str:
    """16 hex digits over the names and contents of all font files."""
    return hashlib.sha256(json.dumps(font_hashes(), sort_keys=True).encode()).hexdigest()[:16]
