"""An engine that writes what a script says, one token for each character, and whole evaluations with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from vlm_rl.evaluation import evaluate as whole
from vlm_rl.evaluation.evaluate import Settings, evaluate, load_benchmark
from vlm_rl.evaluation.output import read_lines
from vlm_rl.evaluation.responder import Responder
from vlm_rl.types import Finish, Prompt, Segment, Trajectory

Script = Callable[[Prompt, int], str]


class ScriptedEngine:
    """Implements `RolloutEngine`. script: (prompt, sample) -> response. asked: (id, sample) of every segment, in the
    batches that they came in. fail_after: raise Killed at the call after so many."""

    def __init__(self, script: Script, max_tokens: int, fail_after: int | None = None) -> None:
        self.script, self.max_tokens, self.fail_after = script, max_tokens, fail_after
        self.batches: list[list[tuple[str, int]]] = []
        self.batch_tokens: list[int] = []  # rows times the longest after its segment
        self.prompts: dict[str, Prompt] = {}

    def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
        if self.fail_after is not None and len(self.batches) >= self.fail_after:
            raise Killed
        self.batches.append([(trajectory.prompt.id, trajectory.index) for trajectory in pending])
        longest = max(text_tokens(trajectory.prompt) + trajectory.num_tokens for trajectory in pending)
        self.batch_tokens.append(len(pending) * (longest + segment_tokens))
        self.prompts |= {trajectory.prompt.id: trajectory.prompt for trajectory in pending}
        return [self._grown(trajectory, segment_tokens) for trajectory in pending]

    def _grown(self, trajectory: Trajectory, segment_tokens: int) -> Trajectory:
        whole = tuple(map(ord, self.script(trajectory.prompt, trajectory.index))) + (0,)  # 0 ends the turn
        start = trajectory.num_tokens
        stop = min(start + segment_tokens, self.max_tokens, len(whole))
        finish = Finish.STOP if stop == len(whole) else Finish.LENGTH if stop == self.max_tokens else None
        return trajectory.extended(Segment(whole[start:stop], (0.0,) * (stop - start), 0), finish)

    def load_weights(self, policy: Any, *, version: int) -> None: ...

    def close(self) -> None: ...


class Killed(Exception):  # noqa: N818
    """Stands for the end of the process."""


def text_tokens(prompt: Prompt) -> int:
    return len(prompt.messages[-1].content)


class Evaluations:
    """Runs evaluations into folders; `engine` is the last one used, `told` what was said of the folder."""

    def __init__(self, monkeypatch: Any) -> None:
        self.monkeypatch = monkeypatch
        self.engine: ScriptedEngine
        self.told: list[str] = []

    def __call__(
        self,
        folder: Path,
        script: Script | dict[str, str],
        *,
        fail_after: int | None = None,
        context: int = 1 << 20,
        **settings: Any,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """(summary, lines of responses.jsonl). A script may be question id -> response."""
        chosen = Settings(policy="scripted", **settings)
        says = script if callable(script) else lambda prompt, _: script[prompt.id]
        self.engine = ScriptedEngine(says, chosen.max_tokens, fail_after)
        responder = Responder(self.engine, text_tokens, lambda ids: "".join(map(chr, ids)).removesuffix("\0"), context)
        self.monkeypatch.setattr(whole, "load_responder", lambda *_, **__: responder)
        summary = evaluate(chosen, load_benchmark(chosen), folder, Accelerator(), tell=self.told.append, bar=no_bar)
        assert summary is not None
        return summary, read_lines(folder / "responses.jsonl")


@contextmanager
def no_bar(total: int) -> Iterator[Callable[[dict[str, Any]], None]]:
    counted: list[dict[str, Any]] = []
    yield counted.append
    assert len(counted) == total
