"""A plausible finished run on the disk, in the formats that the trainer writes."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from vlm_rl.report.metrics import MetricsLog, RolloutLog
from vlm_rl.types import ImageRef

ITERATIONS = 40
FAMILIES = {"scene_count": 3, "chart_read": 2, "maze_steps": 4}  # family -> levels
MODALITIES = ("text", "image", "rendered")
HOSTILE = '<script>alert("x")</script>\x00\x1b[31m\u202eevil\u202c <img src=x onerror=alert(1)> </pre>'

CONFIG = """\
seed: 7
output_dir: runs/small
num_iterations: 40
policy:
  assemble:
    vision_encoder: {custom: {layers: 3, width: 128, patch_size: 16, image_size: 64}}
    language_model: {custom: {model_type: qwen3, hidden_size: 128, num_hidden_layers: 4}}
data:
  sources:
    - {kind: synth, families: {scene_count: [0, 1, 2], chart_read: [0, 1], maze_steps: [0, 1, 2, 3]}}
warmup: {steps: 600}
rollout: {group_size: 8, open_groups: 48, segment_tokens: 24, max_response_tokens: 96}
"""


def load_image(ref: ImageRef) -> Image.Image:
    """Draws a picture for any uri; "broken" ones fail the way an ImageLoader does."""
    if "broken" in ref.uri:
        raise ValueError(f"{ref.uri}: the file has changed since it was indexed")
    rng = random.Random(ref.uri)
    image = Image.new("RGB", (384, 288), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 9)):
        x, y, r = rng.randint(30, 350), rng.randint(30, 250), rng.randint(10, 30)
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape(
            (x - r, y - r, x + r, y + r), fill=rng.choice(("#d1495b", "#00798c", "#edae49", "#30638e")), outline="#222"
        )
    return image


def image_refs(uri: str, modality: str) -> list[dict[str, Any]]:
    return [] if modality == "text" else [{"uri": uri, "sha256": "0" * 64, "max_pixels": 110592}]


def metrics_row(iteration: int, rng: random.Random) -> dict[str, Any]:
    """What the trainer logs; iterations 0 and 17 complete no group, so half of the keys are missing."""
    skill = 0.25 + 0.5 * (1 - math.exp(-iteration / 15))
    row: dict[str, Any] = {"iteration": iteration, "seconds/rollout": 21 + rng.random() * 4, "seconds/score": 0.8}
    row |= {
        "seconds/learn": 12 + rng.random(),
        "seconds/total": 36 + rng.random() * 3,
        "rollout/opened": rng.randint(9, 20),
    }
    row |= {
        "rollout/extended": 384,
        "rollout/tokens": 7600 + rng.randint(0, 800),
        "rollout/cut": 120 + rng.randint(-20, 20),
    }
    row |= {
        "rollout/resumed": 110 + rng.randint(-20, 20) if iteration else 0,
        "rollout/stop": 240 + rng.randint(-20, 20),
    }
    row |= {"rollout/length": rng.randint(5, 20), "rollout/repeat": rng.randint(0, 6), "rollout/open_groups": 48}
    row |= {"rollout/unfinished": 130 + rng.randint(-9, 9)}
    for family, levels in FAMILIES.items():
        unlocked = min(levels - 1, iteration // 10)
        row |= {f"sampler/unlocked/{family}/{modality}": unlocked for modality in MODALITIES}
        for level in range(unlocked + 1):
            for modality in MODALITIES:
                row[f"success/{family}/{level}/{modality}"] = min(
                    1.0, skill * 1.25 - 0.12 * level + 0.05 * rng.random()
                )
    if iteration in (0, 17):
        return row
    row |= {f"accuracy/{m}": min(1.0, skill + 0.05 * k + 0.06 * rng.gauss(0, 1)) for k, m in enumerate(MODALITIES)}
    row |= {
        "reward/accuracy": skill + 0.1 + 0.04 * rng.gauss(0, 1),
        "reward/mean": skill + 0.06,
        "reward/length_weight": 0.0,
    }
    row |= {"reward/timeouts": 0, "response/tokens_mean": 38 + 8 * rng.random(), "response/tokens_max": 96}
    row |= {"response/segments_mean": 1.8 + 0.2 * rng.random(), "lag/mean": 0.4 + 0.1 * rng.random(), "lag/max": 3}
    row |= {
        "lag/dead_fraction": 0.01 * rng.random(),
        "optim/loss": 0.1 * rng.gauss(0, 1),
        "optim/grad_norm": rng.expovariate(2),
    }
    row |= {"optim/groups": rng.randint(20, 40), "optim/groups_all_equal": rng.randint(3, 12)}
    row |= {"optim/trained_tokens": rng.randint(6000, 9000), "optim/tau_log_ratio_sq_mean": rng.expovariate(1000)}
    row |= {"optim/tau_log_ratio_sq_max": rng.expovariate(20)}
    row |= {f"gap/lag{k}/{m}": 1e-6 * (1 + k) * (1 + rng.random()) for k in range(4) for m in MODALITIES}
    if iteration % 10 == 9:
        row["eval/accuracy"] = skill + 0.05
    if iteration == 23:
        row["optim/loss"] = math.nan
    return row


def rollout_row(iteration: int, group: int, index: int, rng: random.Random) -> dict[str, Any]:
    family = rng.choice(list(FAMILIES))
    level, modality = rng.randrange(FAMILIES[family]), rng.choice(MODALITIES)
    answer, correct = rng.randint(2, 12), rng.random() < 0.3 + iteration / 80
    said = answer if correct else answer + 1
    steps = [
        "Let me look at the picture. Row by row I count the shapes: two circles and one square ",
        "in the first row, then one more circle below. Wait, let me check the left side again, ",
        f"there is one that I missed. So together this gives \\boxed{{{said}}}.",
    ]
    pieces = steps if rng.random() < 0.6 and iteration > 2 else ["".join(steps)]
    first = max(0, iteration - len(pieces) + 1)
    segments = [{"policy_version": first + k, "tokens": 24, "text": text} for k, text in enumerate(pieces)]
    prompt_id = f"{family}/{level}/{group}#{modality}"
    return {
        "iteration": iteration,
        "group_id": group,
        "index": index,
        "prompt_id": prompt_id,
        "family": family,
        "level": level,
        "modality": modality,
        "question": "How many shapes are there? Answer with a number in \\boxed{}.",
        "images": image_refs(f"synth:{prompt_id}", modality),
        "answer": str(answer),
        "segments": segments,
        "finish": "stop",
        "correct": correct,
        "prediction": str(said),
        "reason": "match" if correct else "different",
        "reward": float(correct),
        "advantage": float(correct) - 0.5,
    }


def evaluation(stage: str, skill: float, items: int = 64) -> dict[str, Any]:
    rng = random.Random(stage)
    rows, examples = [], []
    for family, levels in FAMILIES.items():
        for level in range(levels):
            for modality in MODALITIES:
                right = sum(rng.random() < skill - 0.04 * level for _ in range(items))
                lucky = sum(rng.random() < skill - 0.04 * level - 0.05 for _ in range(items))
                cell = {"family": family, "level": level, "modality": modality, "items": items, "greedy_correct": right}
                cell |= {
                    "sampled": items,
                    "sampled_correct": lucky,
                    "greedy_tokens_mean": 40.0,
                    "sampled_tokens_mean": 44.0,
                }
                rows.append(cell)
                prompt_id = f"{family}/{level}/held{level}#{modality}"
                correct = rng.random() < skill
                example = {
                    "prompt_id": prompt_id,
                    "family": family,
                    "level": level,
                    "modality": modality,
                    "answer": "5",
                }
                example |= {
                    "question": "How many shapes are there?",
                    "images": image_refs(f"synth:{prompt_id}", modality),
                }
                example |= {"response": "I count them. \\boxed{5}" if correct else "a b a b a b", "correct": correct}
                examples.append(example | {"prediction": "5" if correct else ""})
    return {"stage": stage, "iteration": 0, "policy": "policy", "rows": rows, "examples": examples}


def make_run(folder: Path) -> Path:
    """Write a run of ITERATIONS iterations into `folder` and return it."""
    rng = random.Random("a run")
    (folder / "eval").mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    metrics, rollouts = MetricsLog(folder / "metrics.jsonl"), RolloutLog(folder / "rollouts")
    for iteration in range(ITERATIONS):
        metrics.append(metrics_row(iteration, rng))
        groups = range(0) if iteration in (0, 17) else range(iteration * 10, iteration * 10 + 6)
        rollouts.write(iteration, [rollout_row(iteration, g, k, rng) for g in groups for k in range(4)])
    for stage, skill in (("untrained", 0.02), ("warmup", 0.41), ("rl", 0.74)):
        (folder / "eval" / f"{stage}.json").write_text(json.dumps(evaluation(stage, max(skill, 0.16))))
    return folder
