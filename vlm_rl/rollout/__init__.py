"""Rollouts: engines that extend responses by segments, and the replay buffer that keeps what is unfinished."""
