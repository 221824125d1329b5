"""The loop. Everything else in the package is one of the things that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vlm_rl.config import TrainConfig
from vlm_rl.optim.batch import make_batches
from vlm_rl.optim.losses import LOSSES

if TYPE_CHECKING:
    from vlm_rl.run import Run


def train(run: Run, cfg: TrainConfig) -> None:
    """Iterative RL with partial rollouts (k1.5 sec. 2.6); one pass = one iteration i."""
    loss_of = LOSSES[cfg.optim.loss]
    run.engine.load_weights(run.policy, version=run.iteration)
    for iteration in range(run.iteration, cfg.num_iterations):
        # Sample: first what the last iteration cut off, then new prompts to keep the engine full.
        with run.clock("rollout"):
            pending = run.buffer.unfinished()
            prompts = run.sampler.sample(
                cfg.rollout.open_groups - run.buffer.num_open, iteration=iteration, in_flight=run.buffer.open_prompt_ids
            )
            pending += run.buffer.open_groups(prompts)

            # Rollout: every pending trajectory grows by one segment; the buffer keeps the rest.
            extended = run.engine.extend(pending, segment_tokens=cfg.rollout.segment_tokens)
            run.buffer.add(extended)
            groups = run.buffer.pop_complete_groups()

        # Score: verify, add the length reward once warm (sec. 2.3.3), subtract the group mean.
        with run.clock("score"):
            scored = run.score(groups, length_weight=cfg.reward.length_weight_at(iteration))

        # Learn: this iteration's starting policy is the reference, so the optimizer starts fresh (sec. 2.3.2).
        with run.clock("learn"):
            batches = make_batches(scored, run.policy, iteration=iteration, cfg=cfg.optim, shard=run.shard)
            if cfg.optim.reset_optimizer == "iteration":
                run.optimizer.reset()
            for batch in batches.steps:
                for part in batch:
                    logprobs = run.policy.logprobs(part.rows)
                    run.optimizer.accumulate(loss := loss_of(logprobs, part.loss, cfg.optim))
                    batches.stats.observe(loss, logprobs, part.loss, cfg.optim)
                batches.stats.stepped(run.optimizer.step())

        # Publish: weights to the engine, success rates to the sampler, numbers to the log.
        run.engine.load_weights(run.policy, version=iteration + 1)
        run.sampler.update(scored)
        run.report(iteration, opened=len(prompts), extended=extended, scored=scored, stats=batches.stats)
