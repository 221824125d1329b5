"""Both scores of a response. What may run for ever goes through worker processes that can be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import get_args

from vlm_rl.evaluation import mathvision, mathvista, text_math
from vlm_rl.evaluation.llm_extractor import LlmExtractor
from vlm_rl.evaluation.questions import Question
from vlm_rl.evaluation.score import Mode, Score, decided, readable
from vlm_rl.evaluation.strict import score_of, verifier_job
from vlm_rl.reward.pool import VerifierPool

MODES: tuple[Mode, ...] = get_args(Mode)

Scores = dict[Mode, Score]


class Scorer:
    """Scores by a benchmark's module. extractor: a language model in place of the rules of MathVista's official mode.

    Raises ValueError for an extractor with another benchmark, which has no such step.
    """

    def __init__(self, module: ModuleType, pool: VerifierPool, extractor: LlmExtractor | None = None) -> None:
        if extractor is not None and module is not mathvista:
            raise ValueError("--extractor is for mathvista: no other benchmark's official scorer asks a language model")
        self._module, self._pool, self._extractor = module, pool, extractor

    def check(self, questions: Sequence[Question]) -> None:
        """Score an empty response to every question: a gold answer that cannot be read shows before the first hour.

        Raises ValueError naming the question.
        """
        for question in questions:
            try:
                self._inline([(question, "")])
            except ValueError as error:
                raise ValueError(f"question {question.id}: {error}") from error
        self._slow([(question, "") for question in questions])

    def score(self, answered: Sequence[tuple[Question, str]]) -> list[Scores | None]:
        """Scores of (question, response) pairs in their order; None where the gold answer is withheld."""
        inline, slow, extracted = self._inline(answered), self._slow(answered), self._extracted(answered)
        return [
            None if question.asked is None else {**inline[place], **slow[place], **extracted[place]}
            for place, (question, _) in enumerate(answered)
        ]

    def _inline(self, answered: Sequence[tuple[Question, str]]) -> list[Scores]:
        return [
            {
                mode: self._module.score(response, **question.asked, mode=mode)
                for mode in MODES
                if question.asked is not None and mode not in self._slow_modes(question)
            }
            for question, response in answered
        ]

    def _slow(self, answered: Sequence[tuple[Question, str]]) -> list[Scores]:
        scores: list[Scores] = [{} for _ in answered]
        places = [place for place, (question, _) in enumerate(answered) if self._slow_modes(question)]
        jobs = []
        for place in places:
            question, response = answered[place]
            assert question.asked is not None
            text, prompt = verifier_job(readable(response, "strict"), "math", question.asked["answer"])
            jobs.append((text, replace(prompt, id=question.id)))
        for place, verdict in zip(places, self._pool.verify(jobs), strict=True):
            scores[place] = dict.fromkeys(self._slow_modes(answered[place][0]), score_of(verdict))
        return scores

    def _slow_modes(self, question: Question) -> tuple[Mode, ...]:
        """The modes whose cost has no bound: Math-Verify's."""
        if question.asked is None:
            return ()
        if self._module is text_math:
            return MODES
        return ("strict",) if self._module is mathvision and mathvision.unbounded(**question.asked) else ()

    def _extracted(self, answered: Sequence[tuple[Question, str]]) -> list[Scores]:
        """The official second stage on what the language model found; nothing without one."""
        scores: list[Scores] = [{} for _ in answered]
        if self._extractor is None:
            return scores
        places = [place for place, (question, _) in enumerate(answered) if question.asked is not None]
        found = self._extractor.extract_many([(answered[place][0].record, answered[place][1]) for place in places])
        for place, said in zip(places, found, strict=True):
            asked = dict(answered[place][0].asked or {})
            answer = asked.pop("answer")
            prediction = mathvista.normalize(said, **asked)
            reason = f"language model extracted {said[:80]!r}"
            scores[place] = {"official": decided(prediction == answer, prediction, reason, abstained=not said.strip())}
        return scores
