"""Levels open from easy to hard as the policy gets there, and stay open."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.config import SamplerConfig
from vlm_rl.data.curriculum import Curriculum

LADDERS = {"count/image": [2, 0, 5], "sum/text": [1]}


def curriculum(schedule: str = "frontier", **knobs: float) -> Curriculum:
    return Curriculum(SamplerConfig.model_validate({"schedule": schedule} | knobs), LADDERS)


def opened(found: Curriculum, ladder: str = "count/image") -> list[int]:
    return [level for level in sorted(LADDERS[ladder]) if found.allows(ladder, level)]


def test_frontier_starts_with_the_easiest_level_that_there_is() -> None:
    assert opened(curriculum()) == [0]
    assert opened(curriculum(), "sum/text") == [1]


def test_a_level_opens_when_the_one_before_it_is_mastered() -> None:
    found = curriculum(unlock_success_rate=0.7)
    found.observe("count/image", 0, 0.69)
    assert opened(found) == [0]
    found.observe("count/image", 0, 0.7)
    assert opened(found) == [0, 2]  # levels that the source lacks are passed over
    found.observe("count/image", 0, 1.0)  # says nothing about level 2
    assert opened(found) == [0, 2]
    found.observe("count/image", 2, 0.9)
    assert opened(found) == [0, 2, 5]
    found.observe("count/image", 5, 1.0)
    assert found.top_level("count/image") == 5


@given(st.lists(st.tuples(st.sampled_from([0, 2, 5]), st.floats(0, 1))))
def test_what_has_opened_stays_open(observations: list[tuple[int, float]]) -> None:
    found, before = curriculum(), [0]
    for level, rate in observations:
        found.observe("count/image", level, rate)
        assert opened(found)[: len(before)] == before
        before = opened(found)
        assert opened(found, "sum/text") == [1]  # ladders climb alone


@pytest.mark.parametrize("schedule", ["uniform", "switch_at"])
def test_the_other_schedules_lock_no_level(schedule: str) -> None:
    assert opened(curriculum(schedule)) == [0, 2, 5]


def test_switch_at_asks_only_what_is_hard_from_its_iteration_on() -> None:
    found = curriculum("switch_at", switch_iteration=5, hard_success_rate=0.4)
    assert [found.at_most(iteration) for iteration in (0, 4, 5, 6)] == [1.0, 1.0, 0.4, 0.4]
    for schedule in ("uniform", "frontier"):
        assert curriculum(schedule, switch_iteration=5, hard_success_rate=0.4).at_most(9) == 1.0


def test_state_goes_through_json_and_is_refused_by_other_ladders() -> None:
    found, restored = curriculum(), curriculum()
    found.observe("count/image", 0, 1.0)
    state = json.loads(json.dumps(found.state_dict()))
    restored.load_state_dict(state)
    assert opened(restored) == opened(found) == [0, 2]
    other = Curriculum(SamplerConfig(), {"sum/text": [1]})
    with pytest.raises(ValueError, match=r"has the ladders \['count/image', 'sum/text'\], this run \['sum/text'\]"):
        other.load_state_dict(state)
