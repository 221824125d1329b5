"""The report of a run: one HTML file that needs nothing else, from the files of the run folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vlm_rl.report.closing import closing_section
from vlm_rl.report.curves import curves_section
from vlm_rl.report.examples import examples_section
from vlm_rl.report.gallery import gallery_section
from vlm_rl.report.heat import heat_section
from vlm_rl.report.metrics import write_atomically
from vlm_rl.report.page import page
from vlm_rl.report.record import LoadImage, RunRecord, read_record
from vlm_rl.report.summary import summary_section

# top to bottom; a section that has nothing to show says so, or returns "" and is left out
SECTIONS: tuple[Callable[[RunRecord], str], ...] = (
    summary_section,
    closing_section,
    curves_section,
    heat_section,
    examples_section,
    gallery_section,
)


def write_report(run_dir: Path, load_image: LoadImage | None) -> Path:
    """Write `run_dir`/report.html from config.yaml, metrics.jsonl, eval/ and rollouts/; returns its path.

    load_image: decodes an image of a prompt; None = the gallery names the images only. Works on a run in progress.
    Raises ConfigError or ValueError, with the file's name, for a file that cannot be used.
    """
    record = read_record(run_dir, load_image)
    target = run_dir / "report.html"
    write_atomically(target, page(f"{record.name}, vlm-rl report", [section(record) for section in SECTIONS]))
    return target
