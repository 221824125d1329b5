"""Run verifiers on many responses: the harmless ones here, a judge in threads, the others in processes.

A verifier that may hang or crash (math, and every one that a user brings) runs in a worker process. A verdict that
takes longer than its time is cut off by SIGKILL and the worker is replaced, so one response can never stop a run.
Timeouts and crashes are counted apart from wrong answers. A judge waits on the network, and holds no process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType

from vlm_rl.reward import VERIFIERS, check_name
from vlm_rl.reward.composed import combine, leaf_names, parse
from vlm_rl.reward.judge import Judge
from vlm_rl.reward.killable import KillableVerifier, Programs
from vlm_rl.reward.lane import Lane
from vlm_rl.types import Prompt, Verdict, Verifier

logger = logging.getLogger(__name__)

# bounded work, 3 to 8 times faster here than through a pipe
INLINE = frozenset({"typed", "number", "choice", "exact", "format"})

LATE = "late"
GRACE_SECONDS = 0.25  # so that a timeout at the last moment is known as one

Job = tuple[str, Prompt]


class Ticket:
    """A verdict in the making; `VerifierPool.collect` gives it out. done: there is a verdict, or an error."""

    __slots__ = ("response", "prompt", "more_seconds", "known", "judging", "done", "verdict", "error")

    def __init__(self, response: str, prompt: Prompt, more_seconds: float = 0.0) -> None:
        self.response = response
        self.prompt = prompt
        self.more_seconds = more_seconds  # than other verdicts it may take
        self.known: dict[str, Verdict] = {}  # by the name of each verifier that has spoken
        self.judging = False
        self.done = False
        self.verdict: Verdict | None = None
        self.error: Exception | None = None


class VerifierPool:
    """Verdicts for (response, prompt) jobs; a context manager. One thread submits and collects.

    workers: processes at most; they start when a job first needs one. timeout_seconds: wall clock of one verdict.
    memory_bytes: address space of one worker; beyond it a verifier gets MemoryError, which counts as a crash.
    judge: who answers for the verifier `judge`; it has clocks of its own. programs: sandbox and limits of the verifier
    `code`, whose time limit these give.
    counts: verdicts given out, and of these timeouts, crashes, unjudged and late ones, since the pool was made.
    """

    def __init__(
        self,
        workers: int,
        timeout_seconds: float,
        *,
        memory_bytes: int = 4 << 30,
        judge: Judge | None = None,
        programs: Programs | None = None,
    ) -> None:
        if workers < 1 or timeout_seconds <= 0:
            raise ValueError(
                f"VerifierPool needs workers >= 1 and timeout_seconds > 0, got {workers} and {timeout_seconds}"
            )
        self.counts = Counter({"verdicts": 0, "timeout": 0, "crash": 0})
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._programs = programs or Programs()
        self._workers: list[KillableVerifier] = []
        self._processes = Lane(workers, self._new_worker, "verifier")
        self._judges = Lane(judge.max_concurrent, lambda: partial(_timed, judge.verify), "judge") if judge else None
        self._changed = threading.Condition()  # guards tickets that lanes work on, and counts
        self._closed = False

    def __enter__(self) -> VerifierPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the workers at once, and reap them; what waits is dropped."""
        with self._changed:
            self._closed = True
            workers = list(self._workers)
        for worker in workers:
            worker.close()
        self._processes.close(wait_seconds=5.0)
        for worker in workers:
            worker.reap()
        if self._judges:
            self._judges.close(wait_seconds=0.0)  # a call under way may wait for its endpoint; nobody waits for it

    def verify(self, jobs: Sequence[Job]) -> list[Verdict]:
        """One verdict per job, in the jobs' order, however long that takes. Raises as `submit` and `collect` do."""
        for _, prompt in jobs:
            self._check(prompt)
        return self.collect([self.submit(response, prompt) for response, prompt in jobs])

    def submit(self, response: str, prompt: Prompt) -> Ticket:
        """Start on a verdict; returns at once, or after the microseconds that harmless verifiers take.

        Raises ValueError for a verifier that does not exist, or needs a judge where there is none, naming the prompt.
        """
        self._check(prompt)
        ticket = Ticket(response, prompt, self._more_seconds(prompt.verifier))
        self._go_on(ticket)
        return ticket

    def collect(self, tickets: Sequence[Ticket], *, within: float | None = None) -> list[Verdict]:
        """The tickets' verdicts, in their order.

        within: seconds to wait at most, for all that is not with the judge; what is not there by then is given up, and
        its verdict is not judged, with the reason "late". None = wait for all.
        Raises the first error in the order of tickets: ValueError for a gold answer that cannot be read, naming the
        prompt, RuntimeError for a verifier whose process ends while loading it, JudgeUnreachableError.
        """
        deadline = None if within is None else time.monotonic() + within + GRACE_SECONDS
        try:
            verdicts = [self._await(ticket, deadline) for ticket in tickets]
        finally:  # after an error, nobody wants the others
            for ticket in tickets:
                ticket.done = True
        self._count("verdicts", len(verdicts))
        if unjudged := sum(not verdict.judged for verdict in verdicts):
            self._count("unjudged", unjudged)
        if late := sum(verdict.reason == LATE for verdict in verdicts):
            logger.warning(
                f"{late} of {len(verdicts)} responses had no verdict {within:g} s after the last rollout and are left "
                "out of training: raise reward.timeout_seconds, or give the pool more workers"
            )
        return verdicts

    def _check(self, prompt: Prompt) -> None:
        if self._closed:
            raise RuntimeError("VerifierPool is closed; make a new one")
        check_name(prompt.verifier)
        if self._judges is None and "judge" in prompt.verifier and "judge" in leaf_names(parse(prompt.verifier)):
            raise ValueError(f"prompt {prompt.id}: its verifier needs a judge: set reward.judge.url and .model")

    def _more_seconds(self, verifier: str) -> float:
        """By how much programs may take longer than other verdicts."""
        if "code" not in verifier or "code" not in leaf_names(parse(verifier)):
            return 0.0
        return max(0.0, self._programs.seconds - self._timeout_seconds)

    def _go_on(self, ticket: Ticket) -> None:
        """Ask the ticket's verifiers, cheap ones first, until the verdict is decided or one has to be waited for."""
        expression = parse(ticket.prompt.verifier)
        names = sorted(leaf_names(expression), key=_cost)
        try:
            while (verdict := combine(expression, ticket.known)) is None:
                name = next(name for name in names if name not in ticket.known)
                if name not in INLINE:
                    self._send(ticket, name)
                    return
                ticket.known[name] = _timed(VERIFIERS[name], ticket.response, _for_leaf(ticket.prompt, name))
        except ValueError as error:  # a gold answer; `collect` raises it, for nobody expects it of a rollout
            self._finish(ticket, None, error)
        else:
            self._finish(ticket, verdict, None)

    def _send(self, ticket: Ticket, name: str) -> None:
        ticket.judging = name == "judge"
        lane = self._judges if name == "judge" else self._processes
        assert lane is not None
        lane.put(partial(self._work, ticket, name))

    def _work(self, ticket: Ticket, name: str, verifier: Verifier) -> None:
        """In a lane's thread."""
        if ticket.done:  # given up
            return
        try:
            ticket.known[name] = verifier(ticket.response, _for_leaf(ticket.prompt, name))
            self._go_on(ticket)
        except Exception as error:  # the thread's wall: `collect` raises it
            self._finish(ticket, None, error)

    def _finish(self, ticket: Ticket, verdict: Verdict | None, error: Exception | None) -> None:
        with self._changed:
            if not ticket.done:
                ticket.verdict, ticket.error, ticket.done = verdict, error, True
                self._changed.notify_all()

    def _await(self, ticket: Ticket, deadline: float | None) -> Verdict:
        with self._changed:
            while not ticket.done:
                patience = None if deadline is None else deadline + ticket.more_seconds - time.monotonic()
                if patience is not None and patience <= 0 and not ticket.judging:
                    ticket.verdict, ticket.done = Verdict(False, "", LATE, judged=False), True
                    self.counts[LATE] += 1
                    break
                self._changed.wait(None if ticket.judging else patience)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.verdict is not None
        return ticket.verdict

    def _new_worker(self) -> Verifier:
        worker = KillableVerifier(self._timeout_seconds, self._memory_bytes, self._count, self._programs)
        with self._changed:
            self._workers.append(worker)
            if self._closed:
                worker.close()
        return worker.verify

    def _count(self, what: str, times: int = 1) -> None:
        with self._changed:
            self.counts[what] += times


def _cost(name: str) -> int:
    return 0 if name in INLINE else 2 if name == "judge" else 1


def _for_leaf(prompt: Prompt, name: str) -> Prompt:
    return prompt if prompt.verifier == name else replace(prompt, verifier=name)


def _timed(verifier: Verifier, response: str, prompt: Prompt) -> Verdict:
    started = time.perf_counter()
    verdict = verifier(response, prompt)
    return replace(verdict, seconds=time.perf_counter() - started)
