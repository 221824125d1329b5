"""The length reward: among the responses to one prompt, shorter ones earn more (k1.5 sec. 2.3.3)."""

from __future__ import annotations

from collections.abc import Sequence


def length_rewards(correct: Sequence[bool], lengths: Sequence[int]) -> list[float]:
    """The length reward of each response of one group, in [-0.5, 0.5].

    correct: [k]. lengths: [k] response tokens. Raises ValueError if they differ in length.
    With lambda = 0.5 - (len - min_len) / (max_len - min_len): a correct response gets lambda, a wrong one
    min(0, lambda); where all lengths are equal, all get 0.
    """
    if len(correct) != len(lengths):
        raise ValueError(f"length_rewards needs one length per response, got {len(lengths)} for {len(correct)}")
    if not lengths or min(lengths) == max(lengths):
        return [0.0] * len(lengths)
    shortest, spread = min(lengths), max(lengths) - min(lengths)
    shares = [0.5 - (length - shortest) / spread for length in lengths]
    return [share if right else min(0.0, share) for right, share in zip(correct, shares, strict=True)]
