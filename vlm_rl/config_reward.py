"""The knobs of rewards: length reward, verifiers, the judge, the code sandbox."""

from __future__ import annotations

from pydantic import field_validator

from vlm_rl.config_section import Count, Index, NonNegative, Positive, Section


class JudgeConfig(Section):
    """The language model behind the verifier `judge` (sec. 2.3.5), at any OpenAI-compatible endpoint."""

    url: str
    """Base URL of the endpoint, e.g. http://localhost:8000/v1."""
    model: str
    """Model name that the endpoint knows."""
    api_key_variable: str | None = None
    """Environment variable that holds the API key; null = no key. The key itself never stands in a config."""
    sampling: dict[str, str | int | float] = {"max_tokens": 2048, "temperature": 0.0, "seed": 0}
    """Fields of each request. After a reply without a readable verdict, the temperature and seed among them change."""
    max_concurrent: Count = 32
    """Calls under way at once."""
    timeout_seconds: Positive = 120.0
    """Wall clock of one call."""
    max_retries: Index = 5
    """Further attempts after no answer, 429 or 5xx, with growing waits; then the run stops with its state saved."""
    max_replies: Count = 3
    """Replies asked for until one has a readable verdict; after that the response is unjudged: out of training."""
    max_response_chars: Index = 2000
    """How much of the response's end the judge sees besides the final answer, characters; 0 = the final answer alone,
    which leaves least room to talk the judge round."""
    cache_dir: str | None = None
    """Folder of the verdict cache, which several runs may share; null = in the run's own folder."""


class CodeConfig(Section):
    """Limits of one program that the verifier `code` runs (sec. 2.6.4)."""

    test_seconds: Positive = 6.0
    """CPU time, and about as much wall clock, of one test."""
    total_seconds: Positive = 30.0
    """Wall clock of all tests of one response."""
    compile_seconds: Positive = 15.0
    """Wall clock of a compilation (C++)."""
    memory_mb: Count = 512
    """Memory of a program and all its processes, MB."""
    compile_memory_mb: Count = 1024
    """Memory of the compiler, MB."""
    tmp_mb: Count = 64
    """Size of the program's only writable folder, MB."""
    output_mb: Count = 16
    """Most that a test may write to its output, MB."""
    processes: Count = 32
    """Processes and threads at once."""


class RewardConfig(Section):
    length_weight: NonNegative = 0.0
    """Weight of the length reward (sec. 2.3.3) once it is on; 0 = off."""
    length_warmup: Index = 20
    """Iterations without the length reward."""
    repeat_penalty: NonNegative = 0.2
    """Taken off the reward of a response stopped for repetition or cut at max_response_tokens."""
    timeout_seconds: Positive = 5.0
    """Wall clock that one verdict may take; a timeout is counted apart from a wrong answer."""
    judge: JudgeConfig | None = None
    """Needed by prompts whose verifier is, or contains, `judge`."""
    sandbox: str = "bwrap"
    """Where programs run: bwrap (bubblewrap, on this machine), the URL of a sandbox service, or unsafe: unprotected."""
    code: CodeConfig = CodeConfig()
    """Limits of programs. A verdict of `code` may take total_seconds and some more, whatever timeout_seconds says."""

    @field_validator("sandbox")
    @classmethod
    def _known_sandbox(cls, value: str) -> str:
        if value not in ("bwrap", "unsafe") and not value.startswith(("http://", "https://")):
            raise ValueError("sandbox must be bwrap, unsafe or the URL of a service")
        return value

    def length_weight_at(self, iteration: int) -> float:
        return self.length_weight if iteration >= self.length_warmup else 0.0
