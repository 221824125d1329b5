"""The arguments that determine the bytes of a data set, checked, with the versions of what draws and writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import PIL
import PIL.features

from data_synth.generate import cell_modalities, make
from data_synth.hold_out import HoldOut, shows
from data_synth.hold_out import hold_out as checked_hold_out
from data_synth.item import DEFAULT_MODALITIES, GEN_VERSION
from data_synth.shards import FORMATS

LOOKED_AT = 256  # items of a cell; of the rarest looks that a hold-out leaves, one in sixteen, some are among them


@dataclass(frozen=True, slots=True)
class Recipe:
    """What determines the bytes of a data set. modalities: those wanted, of which each family gives what it has."""

    gen_version: str
    versions: dict[str, str]
    families: dict[str, tuple[int, ...]]
    count: int
    image_size: int
    split: str
    seed: int
    shard_size: int
    at_most: bool
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
    at_most: bool,
    formats: Iterable[str],
    modalities: Iterable[str] | None,
    hold_out: Mapping[str, Iterable[str]],
) -> Recipe:
    """The checked arguments of `write_dataset`. Raises ValueError for arguments that make no data set."""
    _check_families(families)
    for what, value, least in (("count", count, 1), ("shard_size", shard_size, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{what} must be >= {least}, got {value}")
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
        at_most=at_most,
        formats=chosen_formats,
        modalities=_modalities(families, modalities),
        hold_out=held,
    )


def _check_families(families: Mapping[str, tuple[int, ...]]) -> None:
    if not families or not all(families.values()):
        raise ValueError(f"families must name at least one family with at least one level each, got {dict(families)}")
    for family, levels in families.items():
        for level in levels:
            make(family, level, 0)  # names what is wrong with an unknown family or level
        if len(set(levels)) != len(levels):
            raise ValueError(f"families must name each level of {family} once, got {levels}")


def _check_left(families: Mapping[str, tuple[int, ...]], held: HoldOut) -> None:
    """Raise ValueError naming the cells whose items are all drawn in held-out fonts or palettes."""
    empty = {
        family: none
        for family, levels in families.items()
        if (none := [n for n in levels if all(shows(make(family, n, index), held) for index in range(LOOKED_AT))])
    }
    if empty:
        named = ", ".join(f"{family}:{'+'.join(map(str, levels))}" for family, levels in empty.items())
        kinds = {"fonts": held.fonts, "palettes": held.palettes}
        given = " ".join(f"{kind}={','.join(names)}" for kind, names in kinds.items() if names)
        raise ValueError(
            f"the train split may not show what is held out, but every item of {named} is drawn in some of {given}: "
            "hold out others, or leave these levels out"
        )


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
    """Versions of what decides pixels and bytes here."""
    found: dict[str, Any] = {"pillow": PIL.__version__}
    found |= {name: PIL.features.version(name) for name in ("zlib", "jpg", "freetype2")}
    for package in ("typst", *(["pyarrow"] if "parquet" in formats else [])):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return {name: str(value) for name, value in found.items()}
