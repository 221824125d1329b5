"""What is kept out of the training split: families, fonts and palettes, so that evaluation can ask for the new."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from data_synth.families import FAMILIES
from data_synth.item import Item
from data_synth.render.fonts import FONTS
from data_synth.render.style import DARK_THEMES, THEMES
from data_synth.rng import keyed_hash

KINDS = ("families", "fonts", "palettes")


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Names of each kind. A palette is a theme of `render.style`, of which the dark ones are for pages only; fonts are
    those of running text, in which the labels of figures are set too.
    """

    families: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    palettes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.families or self.fonts or self.palettes)


def hold_out(names: Mapping[str, Iterable[str]]) -> HoldOut:
    """The checked names, e.g. {"families": ["bar_chart"]}. Raises ValueError naming the nearest kind or name."""
    faces = [name for name, face in FONTS.items() if face.role in ("sans", "serif")]
    known = {"families": list(FAMILIES), "fonts": faces, "palettes": list(THEMES)}
    chosen: dict[str, tuple[str, ...]] = {}
    for kind, given in names.items():
        if kind not in known:
            raise ValueError(f"hold-out of {kind!r}: it must be one of {', '.join(KINDS)}{_nearest(kind, KINDS)}")
        chosen[kind] = tuple(sorted(set(given)))
        for name in chosen[kind]:
            if name not in known[kind]:
                listed = ", ".join(known[kind])
                raise ValueError(f"hold-out of {kind}: {name!r} is none of {listed}{_nearest(name, known[kind])}")
        if kind != "families" and len(chosen[kind]) == len(known[kind]):
            raise ValueError(f"hold-out of {kind}: at least one of {', '.join(known[kind])} must be left")
    return HoldOut(**chosen)


def parse_hold_out(texts: Iterable[str]) -> dict[str, list[str]]:
    """["families=a,b", "fonts=c"] -> {"families": ["a", "b"], "fonts": ["c"]}. Raises ValueError for another form."""
    found: dict[str, list[str]] = {}
    for text in texts:
        kind, equals, names = text.partition("=")
        listed = [name.strip() for name in names.split(",") if name.strip()]
        if not equals or not listed:
            raise ValueError(f"--hold-out looks like families=bar_chart,expression, got {text!r}")
        found.setdefault(kind.strip(), []).extend(listed)
    return found


def shows(item: Item, held: HoldOut) -> bool:
    """Whether an item is of a held-out family, or drawn in a held-out font or palette."""
    look = item.scene["style"]
    faces = {look["face"], look.get("page")}
    return item.family in held.families or bool(faces & set(held.fonts)) or look["theme"] in held.palettes


def dressed(item: Item, held: HoldOut) -> Item:
    """The item drawn in a held-out font and palette; as it is if none is held out that it can be drawn in."""
    look = dict(item.scene["style"])
    if held.fonts:
        look.pop("page", None)  # labels and pages are set in the same font then
    palettes = tuple(name for name in held.palettes if "text" in item.modalities or name not in DARK_THEMES)
    for key, names in (("face", held.fonts), ("theme", palettes)):
        if names:
            look[key] = names[keyed_hash("held out", key, item.content_hash, bits=32) % len(names)]
    return replace(item, scene={**item.scene, "style": look})


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
