"""The replay buffer (sec. 2.6.2): groups whose responses are not all finished, with every token sampled so far.

It is part of each checkpoint, as plain JSON: a killed run goes on with the same unfinished tokens, siblings and order.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from vlm_rl.types import Prompt, Trajectory

_TRAJECTORIES = TypeAdapter(list[Trajectory])


class RolloutBuffer:
    def __init__(self, group_size: int) -> None:
        self.group_size = group_size
        self._groups: dict[int, list[Trajectory]] = {}  # in order of opening
        self._next_group = 0

    @property
    def num_open(self) -> int:
        """Groups in flight."""
        return len(self._groups)

    @property
    def open_prompt_ids(self) -> set[str]:
        return {group[0].prompt.id for group in self._groups.values()}

    def open_groups(self, prompts: list[Prompt]) -> list[Trajectory]:
        """Start `group_size` empty trajectories for each prompt; returns them."""
        opened: list[Trajectory] = []
        for prompt in prompts:
            group = [Trajectory(prompt, self._next_group, index) for index in range(self.group_size)]
            self._groups[self._next_group] = group
            self._next_group += 1
            opened += group
        return opened

    def unfinished(self) -> list[Trajectory]:
        return [trajectory for group in self._groups.values() for trajectory in group if trajectory.finish is None]

    def add(self, trajectories: list[Trajectory]) -> None:
        """Put extended trajectories back in their places. Raises KeyError for one whose group is not open."""
        for trajectory in trajectories:
            known = self._groups[trajectory.group_id][trajectory.index]
            if trajectory.segments[: len(known.segments)] != known.segments or known.finish is not None:
                raise ValueError(
                    f"trajectory {trajectory.group_id}/{trajectory.index} does not continue what the buffer holds"
                )
            self._groups[trajectory.group_id][trajectory.index] = trajectory

    def pop_complete_groups(self) -> list[list[Trajectory]]:
        """Take out the groups whose responses have all finished, in order of opening."""
        complete = [key for key, group in self._groups.items() if all(one.finish is not None for one in group)]
        return [self._groups.pop(key) for key in complete]

    def put_back(self, groups: list[list[Trajectory]]) -> None:
        """Undo `pop_complete_groups`: they could not be scored now."""
        groups_by_id = self._groups | {group[0].group_id: group for group in groups}
        self._groups = dict(sorted(groups_by_id.items()))  # ids count up in order of opening

    def state_dict(self) -> dict[str, Any]:
        flat = [trajectory for group in self._groups.values() for trajectory in group]
        return {"next_group": self._next_group, "trajectories": _TRAJECTORIES.dump_python(flat, mode="json")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        groups: dict[int, list[Trajectory]] = {}
        for trajectory in _TRAJECTORIES.validate_python(state["trajectories"]):
            groups.setdefault(trajectory.group_id, []).append(trajectory)
        for group_id, group in groups.items():
            if [trajectory.index for trajectory in group] != list(range(self.group_size)):
                raise ValueError(
                    f"group {group_id} of the saved buffer has {len(group)} trajectories; "
                    f"rollout.group_size is {self.group_size}"
                )
        self._groups, self._next_group = groups, int(state["next_group"])
