"""The values that travel between stages. Everything here is frozen: a stage returns new values and changes none.

States are types: a `Trajectory` has no reward, a `ScoredGroup` has. Nothing is None "until later" except
`Trajectory.finish`, whose None *means* unfinished.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PIL import Image

# rendered: text drawn as an image. screenshot: the question stands in the image too. photo: as if photographed.
# mixed: the content as an image, the question as text. data_synth/item.py tells which go together.
MODALITIES = ("text", "image", "rendered", "screenshot", "photo", "mixed")


class Finish(StrEnum):
    """Why a response ended."""

    STOP = "stop"  # the end-of-turn token
    LENGTH = "length"  # max_response_tokens reached: scored as wrong
    REPEAT = "repeat"  # the repetition stop: scored as wrong, penalised


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Where an image is, and what it must be; the pixels are decoded late, by an `ImageLoader`.

    uri: `synth:ITEM_ID#MODALITY/POSITION?size=SIDE`, `file:PATH`, `tar:PATH#OFFSET+SIZE` or
        `row:SOURCE#INDEX/COLUMN/POSITION`.
    sha256: hex digest of the encoded bytes (`synth:` images: of the uri, which determines the pixels).
    max_pixels: budget (width x height); a larger image is scaled down to it when it is loaded.
    """

    uri: str
    sha256: str
    max_pixels: int


class ImageLoader(Protocol):
    def __call__(self, ref: ImageRef) -> Image.Image:
        """The decoded RGB image. Raises ValueError naming the uri if it is missing, changed, corrupt or a bomb."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One chat turn. In `content`, each `<image>` stands for the next of the prompt's images, in order."""

    role: str  # system | user | assistant
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question, its images and its gold answer. `id` is unique: "family/level/index@version#modality"
    or "source/row"."""

    id: str
    messages: tuple[Message, ...]
    images: tuple[ImageRef, ...]
    answer: str  # gold, in the text form that the verifier reads
    verifier: str  # a key of reward.VERIFIERS
    family: str  # a data_synth family, or the name of the prompt source
    level: int  # difficulty, 0 = easiest
    modality: str  # one of MODALITIES
    tags: tuple[tuple[str, str], ...] = ()  # what else the verifier or a breakdown needs, e.g. ("choices", "[...]")

    @property
    def cell(self) -> str:
        """The unit of curriculum and sampling for endless sources: family/level/modality."""
        return f"{self.family}/{self.level}/{self.modality}"


@dataclass(frozen=True, slots=True)
class Segment:
    """An uninterrupted stretch of a response, sampled under one policy."""

    token_ids: tuple[int, ...]  # [S]
    logprobs: tuple[float, ...]  # [S] natural log, of the distribution sampled from
    policy_version: int  # the iteration whose starting weights sampled it

    def __post_init__(self) -> None:
        if len(self.token_ids) != len(self.logprobs):
            raise ValueError(
                f"a Segment needs one logprob per token, got {len(self.logprobs)} for {len(self.token_ids)}"
            )


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One response, in ordered segments. finish None = unfinished: it waits in the buffer and goes on later."""

    prompt: Prompt
    group_id: int
    index: int  # 0 .. group_size - 1
    segments: tuple[Segment, ...] = ()
    finish: Finish | None = None

    @property
    def token_ids(self) -> tuple[int, ...]:
        return tuple(token for segment in self.segments for token in segment.token_ids)

    @property
    def logprobs(self) -> tuple[float, ...]:
        return tuple(logprob for segment in self.segments for logprob in segment.logprobs)

    @property
    def versions(self) -> tuple[int, ...]:
        """Policy version of each response token."""
        return tuple(segment.policy_version for segment in self.segments for _ in segment.token_ids)

    @property
    def num_tokens(self) -> int:
        return sum(len(segment.token_ids) for segment in self.segments)

    def extended(self, segment: Segment, finish: Finish | None) -> Trajectory:
        if self.finish is not None:
            raise ValueError(
                f"trajectory {self.group_id}/{self.index} is finished ({self.finish}) and cannot be extended"
            )
        return replace(self, segments=(*self.segments, segment), finish=finish)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier says of one response. `reason` is for people and logs: "match", "no answer", "timeout" ...

    judged False: nobody could say, so the response is left out of training; `correct` then means nothing.
    score: reward in [0, 1] of a verdict that is more than yes or no (weighted compositions); None = 1 or 0.
    """

    correct: bool
    prediction: str
    reason: str
    seconds: float = 0.0
    judged: bool = True
    score: float | None = None

    def __post_init__(self) -> None:
        if self.score is not None and not 0.0 <= self.score <= 1.0:
            raise ValueError(f"the score of a Verdict must be in [0, 1], got {self.score}")

    @property
    def reward(self) -> float:
        """What the response earns before length reward and penalty."""
        return float(self.correct) if self.score is None else self.score


@dataclass(frozen=True, slots=True)
class ScoredGroup:
    """All k finished responses to one prompt, with what each earned."""

    prompt: Prompt
    group_id: int
    trajectories: tuple[Trajectory, ...]  # [k]
    responses: tuple[str, ...]  # [k] decoded text
    verdicts: tuple[Verdict, ...]  # [k]
    rewards: tuple[float, ...]  # [k] correctness + weighted length reward - repetition penalty; 0.0 if unjudged
    advantages: tuple[float, ...]  # [k] reward minus the baseline; 0.0 if unjudged, and where the rewards are equal

    @property
    def judged(self) -> tuple[int, ...]:
        """Indices of the responses that got a verdict; the others are in no statistics and no gradient."""
        return tuple(index for index, verdict in enumerate(self.verdicts) if verdict.judged)

    @property
    def success_rate(self) -> float:
        """Share of correct responses among the judged ones; 0.0 where none was judged, which is no observation."""
        return sum(self.verdicts[index].correct for index in self.judged) / max(1, len(self.judged))

    @property
    def all_equal(self) -> bool:
        """Nothing to learn: the judged responses earned the same, or fewer than two were judged."""
        rewards = [self.rewards[index] for index in self.judged]
        return len(rewards) < 2 or max(rewards) - min(rewards) < 1e-6


class Verifier(Protocol):
    def __call__(self, response: str, prompt: Prompt) -> Verdict:
        """Never raises for what the policy wrote; raises ValueError for a gold answer that it cannot read."""
        ...


class RolloutEngine(Protocol):
    """What the loop asks of a rollout engine; the trainer cannot tell engines apart."""

    def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
        """Each pending trajectory, grown by one segment of at most `segment_tokens` tokens, in the same order."""
        ...

    def load_weights(self, policy: Any, *, version: int) -> None:
        """From now on sample with the policy's current weights, and stamp segments with `version`."""
        ...

    def close(self) -> None: ...
