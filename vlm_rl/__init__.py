"""vlm-rl: reinforcement learning for vision-language models, after the report Kimi k1.5 (arXiv 2501.12599)."""

__version__ = "0.1.0"
