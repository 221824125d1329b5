"""What answering the same items as text and as pictures of that text tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vlm_rl.evaluation.paired import paired_difference
from vlm_rl.evaluation.statistics import mean


def twins(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Figures of the twins among the lines of responses.jsonl, by the ids of data_synth; None if there are no twins.

    gap: accuracy as text minus as a picture, over the twins, with its 95 % interval over pairs. consistency:
    probability that both twins are right, or both wrong, one response of each drawn at random. Also of each family.
    """
    items: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        item, _, modality = line["id"].partition("#")
        items.setdefault(item, {}).setdefault(modality, []).append(float(line["strict"]["correct"]))
    pairs: dict[str, list[tuple[float, float]]] = {}
    for item, by_modality in items.items():
        text = by_modality.pop("text", None)
        for shown in by_modality.values() if text else ():
            pairs.setdefault(item.partition("/")[0], []).append((mean(text or ()), mean(shown)))
    if not pairs:
        return None
    everything = [pair for found in pairs.values() for pair in found]
    return {**_pair_figures(everything), "by_family": {name: _pair_figures(found) for name, found in pairs.items()}}


def _pair_figures(pairs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    gap = paired_difference([shown for _, shown in pairs], [text for text, _ in pairs])
    return {
        "pairs": gap.num_questions,
        "text": gap.b,
        "shown": gap.a,
        "gap": gap.difference,
        "gap_standard_error": gap.standard_error,
        "gap_interval": [gap.low, gap.high],
        "consistency": mean([text * shown + (1 - text) * (1 - shown) for text, shown in pairs]),
    }
