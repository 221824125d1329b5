"""Ask every question, score every response, and write each to the disk as soon as it is finished.

Responses grow in segments, as in training: after each one, what is finished is written and new questions take its
place. So a kill costs at most one segment, and a long response holds nobody up.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vlm_rl.evaluation.output import Appender, image_name, image_ref, store_image
from vlm_rl.evaluation.questions import Question
from vlm_rl.evaluation.responder import Responder
from vlm_rl.evaluation.score import decided
from vlm_rl.evaluation.scoring import MODES, Scorer, Scores
from vlm_rl.types import Finish, Message, Prompt, Trajectory

SEGMENT_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """max_tokens: of one response. batch_tokens: responses side by side times the longest of them, with its prompt,
    after its next segment: what a KV cache must hold. image_max_pixels: of one image."""

    max_tokens: int
    batch_tokens: int
    image_max_pixels: int
    segment_tokens: int = SEGMENT_TOKENS


@dataclass(slots=True)
class _Asked:
    """One response on its way."""

    question: Question
    trajectory: Trajectory
    prompt_tokens: int
    started: float

    @property
    def length(self) -> int:
        return self.prompt_tokens + self.trajectory.num_tokens


class Runner:
    """Answers its share of the questions.

    share: (number of the question in the whole run, question, sample), the samples of a question together.
    on_line: called with each line after it was written.
    """

    def __init__(
        self,
        share: Sequence[tuple[int, Question, int]],
        folder: Path,
        responder: Responder,
        scorer: Scorer,
        limits: Limits,
        appender: Appender,
        on_line: Callable[[dict[str, Any]], None],
    ) -> None:
        self._waiting = deque(share)
        self._folder, self._responder, self._scorer, self._limits = folder, responder, scorer, limits
        self._appender, self._on_line = appender, on_line
        self._open: list[_Asked] = []
        self._prepared: tuple[int, Prompt, int] | None = None  # of the question asked last: samples share it

    def run(self) -> None:
        """Answer everything. Raises ValueError naming the question for an image that cannot be read."""
        while self._waiting or self._open:
            self._write(self._fill())
            if self._open:
                self._grow()
                finished = [asked for asked in self._open if asked.trajectory.finish is not None]
                self._open = [asked for asked in self._open if asked.trajectory.finish is None]
                self._write(finished)

    def _fill(self) -> list[_Asked]:
        """Open what fits into the batch; returns what cannot be answered, since its prompt fills the context."""
        refused: list[_Asked] = []
        while self._waiting:
            asked = self._ask(*self._waiting[0])
            too_long = asked.prompt_tokens + self._responder.reserve > self._responder.context
            if not too_long and self._open and not self._fits([*self._open, asked]):
                break
            self._waiting.popleft()
            (refused if too_long else self._open).append(asked)
        return refused

    def _fits(self, rows: Sequence[_Asked]) -> bool:
        return len(rows) * (max(row.length for row in rows) + self._segment()) <= self._limits.batch_tokens

    def _segment(self) -> int:
        return min(self._limits.segment_tokens, self._limits.max_tokens)

    def _ask(self, number: int, question: Question, sample: int) -> _Asked:
        if self._prepared is None or self._prepared[0] != number:
            prompt = self._prompt(question)
            self._prepared = number, prompt, self._responder.prompt_tokens(prompt)
        _, prompt, tokens = self._prepared
        return _Asked(question, Trajectory(prompt, number, sample), tokens, time.perf_counter())

    def _prompt(self, question: Question) -> Prompt:
        names = {column: image_name(question.id, column) for column in question.images}
        for column, name in names.items():
            if not (self._folder / "images" / name).exists():
                store_image(self._folder, name, question.open_image(column))
        pixels = self._limits.image_max_pixels
        return Prompt(
            id=question.id,
            messages=(Message("user", question.text),),
            images=tuple(image_ref(self._folder, names[column], pixels) for column in question.images),
            answer=question.gold or "",
            verifier="exact",
            family="evaluation",
            level=0,
            modality="image" if question.images else "text",
        )

    def _grow(self) -> None:
        """One segment for what is open, the oldest first if it has grown out of the batch; a response that fills the
        context ends there."""
        batch = self._open[:1]
        for asked in self._open[1:]:
            if not self._fits([*batch, asked]):
                break
            batch.append(asked)
        context = self._responder.context
        room = context - max(asked.length for asked in batch)
        grown = self._responder.engine.extend(
            [asked.trajectory for asked in batch], segment_tokens=min(self._segment(), room)
        )
        for asked, trajectory in zip(batch, grown, strict=True):
            asked.trajectory = trajectory
            if trajectory.finish is None and asked.length >= context:
                asked.trajectory = replace(trajectory, finish=Finish.LENGTH)

    def _write(self, finished: list[_Asked]) -> None:
        texts = [self._responder.decode(asked.trajectory.token_ids) for asked in finished]
        scores = self._scorer.score([(asked.question, text) for asked, text in zip(finished, texts, strict=True)])
        lines = [self._line(*each) for each in zip(finished, texts, scores, strict=True)]
        self._appender.append(lines)
        for line in lines:
            self._on_line(line)

    def _line(self, asked: _Asked, text: str, scores: Scores | None) -> dict[str, Any]:
        question, trajectory = asked.question, asked.trajectory
        if scores is not None and trajectory.finish is None:  # never asked, so not even a random guess is right
            reason = f"the prompt has {asked.prompt_tokens} tokens, the policy's context {self._responder.context}"
            scores = dict.fromkeys(MODES, decided(False, None, reason, abstained=True))
        return {
            "id": question.id,
            "sample": trajectory.index,
            "question": question.text,
            "options": None if question.options is None else list(question.options),
            "gold": question.gold,
            "images": [image_name(question.id, column) for column in question.images],
            "categories": question.categories,
            "response": text,
            "num_tokens": trajectory.num_tokens,
            "finish": str(trajectory.finish or Finish.LENGTH),
            "official": None if scores is None else asdict(scores["official"]),
            "strict": None if scores is None else asdict(scores["strict"]),
            "record": dict(question.record),
            "seconds": round(time.perf_counter() - asked.started, 3),
        }
