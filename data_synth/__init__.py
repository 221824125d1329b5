"""Synthetic visual reasoning and rendered text with exact answers. Runs alone: no torch, nothing of vlm_rl."""

from data_synth.answers import Answer, Comparison, compare, extract
from data_synth.families import FAMILIES
from data_synth.family import LEVELS, Family
from data_synth.generate import cell_modalities, make, replay, solve_again
from data_synth.item import DEFAULT_MODALITIES, GEN_VERSION, TRACE_VARIANTS, Item
from data_synth.render_prompt import render_text_prompt

__all__ = [
    "DEFAULT_MODALITIES",
    "FAMILIES",
    "GEN_VERSION",
    "LEVELS",
    "TRACE_VARIANTS",
    "Answer",
    "Comparison",
    "Family",
    "Item",
    "cell_modalities",
    "compare",
    "extract",
    "make",
    "render_text_prompt",
    "replay",
    "solve_again",
]
