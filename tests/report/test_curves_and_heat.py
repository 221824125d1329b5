"""Curves find the keys they name; the heat table tells asked, unasked, locked and absent cells apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fake_run import CONFIG

from vlm_rl.report.curves import Chart, series_of
from vlm_rl.report.heat import heat_section, snapshots
from vlm_rl.report.metrics import MetricsLog
from vlm_rl.report.record import RunRecord, read_record


def record_of(folder: Path, *rows: dict[str, Any]) -> RunRecord:
    (folder / "config.yaml").write_text(CONFIG)
    for row in rows:
        MetricsLog(folder / "metrics.jsonl").append(row)
    return read_record(folder, None)


def test_a_star_stands_for_every_key_in_counting_order(tmp_path: Path) -> None:
    first = {"iteration": 0, "gap/lag10/image": 1e-6, "gap/lag2/image": 2e-6, "gap/lag2/text": 1.0}
    record = record_of(tmp_path, first, {"iteration": 1, "gap/lag0/image": 3e-6})
    series = series_of(record, Chart("gap", (("gap/lag*/image", "lag {}"),), "", ordered=True))
    assert [one.label for one in series] == ["lag 0", "lag 2", "lag 10"]
    assert series[0].values == (None, 3e-6) and series[2].values == (1e-6, None)
    assert len({one.color for one in series}) == 3


def test_lines_without_a_value_to_draw_are_left_out(tmp_path: Path) -> None:
    record = record_of(tmp_path, {"iteration": 0, "a": None, "b": 0.0, "c": "text", "d": True, "e": 1.0})
    lines = tuple((key, key) for key in "abcdef")
    assert [one.label for one in series_of(record, Chart("", lines, ""))] == ["b", "e"]
    assert [one.label for one in series_of(record, Chart("", lines, "", log=True))] == ["e"]


def test_snapshots_are_the_first_middle_and_last_rows_with_success_rates() -> None:
    rows = [{"iteration": i} | ({"success/f/0/text": i / 100} if i not in (0, 10) else {}) for i in range(11)]
    assert [shot.iteration for shot in snapshots(rows)] == [1, 5, 9]
    assert [shot.iteration for shot in snapshots(rows[:2])] == [1]
    assert snapshots(rows[:1]) == []


def test_heat_cells_say_rate_unseen_locked_or_nothing(tmp_path: Path) -> None:
    # of the config: chart_read has levels 0 and 1, maze_steps 0 .. 3
    row = {"iteration": 4, "success/maze_steps/0/image": 0.874, "sampler/unlocked/maze_steps/image": 1}
    html = heat_section(record_of(tmp_path, row | {"success/chart_read/1/text": 0.5}))
    chart, maze = re.findall("<tr>(<th>[a-z].*?)</tr>", html)
    cells = re.findall(r"<td([^>]*)>([^<]*)</td>", maze)
    assert [text for _, text in cells] == ["87", "·", "", ""]
    assert "--rate:87%" in cells[0][0] and "unseen" in cells[1][0]
    assert all("locked" in attrs for attrs, _ in cells[2:])
    kinds = re.findall(r'<td class="(\w+)', chart)
    assert kinds == ["unseen", "absent", "absent"] and ">50<" in chart
