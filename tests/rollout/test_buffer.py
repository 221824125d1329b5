"""The replay buffer keeps every token, sibling and place, also through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlm_rl.rollout.buffer import RolloutBuffer
from vlm_rl.types import Finish, ImageRef, Message, Prompt, Segment, Trajectory


def make_prompt(name: str) -> Prompt:
    return Prompt(
        id=f"shapes/1/{name}@1#image",
        messages=(Message("system", "brief"), Message("user", "<image> \u00fcber \U0001f7e5 \ud800?")),
        images=(ImageRef(f"synth:{name}?size=64", "ab" * 32, 4096),),
        answer="7",
        verifier="number",
        family="shapes",
        level=1,
        modality="image",
        tags=(("choices", '["a"]'), ("unit", "")),
    )


def segment(*tokens: int, version: int = 0) -> Segment:
    return Segment(tokens, tuple(-token / 7 for token in tokens), version)


def finished(trajectory: Trajectory) -> Trajectory:
    return trajectory.extended(segment(1), Finish.STOP)


segments = st.lists(
    st.builds(
        lambda pairs, version: Segment(tuple(t for t, _ in pairs), tuple(p for _, p in pairs), version),
        st.lists(st.tuples(st.integers(0, 2**31), st.floats(max_value=0.0, allow_nan=False))),
        st.integers(0, 10**6),
    ),
    max_size=3,
)
finishes = st.sampled_from([None, *Finish])


@settings(deadline=None)
@given(st.lists(st.tuples(segments, finishes), min_size=6, max_size=6))
def test_json_gives_back_the_same_buffer_to_the_last_bit(grown: list[tuple[list[Segment], Finish | None]]) -> None:
    buffer = RolloutBuffer(2)
    buffer.add([finished(t) for t in buffer.open_groups([make_prompt("gone")])])
    buffer.pop_complete_groups()
    opened = buffer.open_groups([make_prompt(name) for name in "abc"])
    buffer.add([replace(t, segments=tuple(s), finish=f) for t, (s, f) in zip(opened, grown, strict=True)])
    restored = RolloutBuffer(2)
    restored.load_state_dict(json.loads(json.dumps(buffer.state_dict())))
    assert repr(restored.unfinished()) == repr(buffer.unfinished())  # repr tells -0.0 from 0.0
    assert (restored.num_open, restored.open_prompt_ids) == (buffer.num_open, buffer.open_prompt_ids)
    assert restored.pop_complete_groups() == buffer.pop_complete_groups()
    assert restored.unfinished() == buffer.unfinished()
    assert restored.open_groups([make_prompt("d")]) == buffer.open_groups([make_prompt("d")])  # the next group's number


def test_complete_groups_come_out_once_and_in_order_of_opening() -> None:
    buffer = RolloutBuffer(2)
    a, b, c = (buffer.open_groups([make_prompt(name)]) for name in "abc")
    buffer.add([finished(t) for t in c])
    buffer.add([finished(a[1])])
    assert buffer.num_open == 3
    buffer.add([finished(a[0])])
    popped = buffer.pop_complete_groups()
    assert [[(t.prompt.id, t.index) for t in group] for group in popped] == [
        [(a[0].prompt.id, 0), (a[0].prompt.id, 1)],
        [(c[0].prompt.id, 0), (c[0].prompt.id, 1)],
    ]
    assert buffer.pop_complete_groups() == []
    assert buffer.unfinished() == b and buffer.open_prompt_ids == {b[0].prompt.id}


def test_what_is_unfinished_comes_oldest_group_first_without_its_finished_siblings() -> None:
    buffer = RolloutBuffer(3)
    opened = buffer.open_groups([make_prompt("a"), make_prompt("b")])
    assert [(t.group_id, t.index) for t in opened] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    buffer.add([finished(opened[4]), opened[1].extended(segment(5), None)])
    assert [(t.group_id, t.index, t.num_tokens) for t in buffer.unfinished()] == [
        (0, 0, 0),
        (0, 1, 1),
        (0, 2, 0),
        (1, 0, 0),
        (1, 2, 0),
    ]


def test_a_trajectory_that_forgot_its_tokens_is_refused() -> None:
    buffer = RolloutBuffer(2)
    first, second = buffer.open_groups([make_prompt("a")])
    buffer.add([first.extended(segment(1, 2), None), finished(second)])
    with pytest.raises(ValueError, match="trajectory 0/0 does not continue"):
        buffer.add([first.extended(segment(1, 3), None)])
    with pytest.raises(ValueError, match="trajectory 0/0 does not continue"):
        buffer.add([first])
    with pytest.raises(ValueError, match="trajectory 0/1 does not continue"):  # it has finished
        buffer.add([finished(second)])
    with pytest.raises(KeyError):
        buffer.add([replace(first, group_id=9)])


def test_a_buffer_of_another_group_size_is_refused() -> None:
    buffer = RolloutBuffer(2)
    buffer.open_groups([make_prompt("a")])
    for size in (1, 3):
        with pytest.raises(ValueError, match=rf"group 0 .* has 2 trajectories; rollout.group_size is {size}"):
            RolloutBuffer(size).load_state_dict(buffer.state_dict())


def test_groups_that_are_put_back_come_out_again_in_their_order() -> None:
    buffer = RolloutBuffer(2)
    opened = buffer.open_groups([make_prompt(name) for name in ("a", "b", "c")])
    done = [one.extended(Segment((1,), (0.0,), 0), Finish.STOP) for one in opened]
    buffer.add([one for one in done if one.group_id != 1])
    first = buffer.pop_complete_groups()
    buffer.put_back(first)
    assert buffer.num_open == 3 and [one.group_id for one in buffer.unfinished()] == [1, 1]
    buffer.add([one for one in done if one.group_id == 1])
    assert [group[0].group_id for group in buffer.pop_complete_groups()] == [0, 1, 2]
