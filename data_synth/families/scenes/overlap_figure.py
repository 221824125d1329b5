"""Pictures of overlapping and nested things: sheets of paper, rings with marks between them, boxes in boxes."""

from __future__ import annotations

from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

SIDE = 384
TINTS = (*COLOURS, "white")
LETTER, NUMBER, DOT = 16, 16, 5


def draw_overlap(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
    for sheet in sorted(scene.get("sheets", []), key=lambda sheet: int(sheet["height"])):
        corners = [(x, y) for x, y in sheet["corners"]]
        light = tint(canvas.shade(COLOURS.get(sheet["tint"], PAPER)), PAPER, 45)  # so that dark letters stand out
        canvas.polygon(corners, light, INK, 2, f"sheet {sheet['label']}")
        x, y = sheet["spot"]
        canvas.text(x, y, sheet["label"], LETTER, tag=f"label {sheet['label']}")
    for ring in scene.get("rings", []):
        x, y, r = ring["x"], ring["y"], ring["r"]
        canvas.ellipse((x - r, y - r, x + r, y + r), None, COLOURS[ring["name"]], 4, f"ring {ring['name']}")
    for mark in scene.get("marks", []):
        x, y = mark["x"], mark["y"]
        if "value" in mark:
            canvas.text(x, y, str(mark["value"]), NUMBER)
        else:
            canvas.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), INK, tag="dot")
    for label, box in scene.get("boxes", {}).items():
        shade = PAPER if scene["depths"][label] % 2 else tint(canvas.shade(COLOURS[scene["colour"]]), PAPER, 22)
        canvas.rectangle(tuple(box), shade, INK, 2, f"box {label}")
        canvas.text(box[0] + 14, box[1] + 13, label, LETTER, tag=f"label {label}")
    return canvas
