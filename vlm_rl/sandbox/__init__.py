"""Run programs that nobody has read: in bubblewrap, through a remote service, or, if asked for, without isolation."""

from __future__ import annotations

from vlm_rl.sandbox.local import LocalSandbox
from vlm_rl.sandbox.program import Limits, Sandbox
from vlm_rl.sandbox.remote import RemoteSandbox


def open_sandbox(where: str, limits: Limits | None = None) -> Sandbox:
    """The sandbox that `reward.sandbox` names: bwrap, unsafe, or the URL of a service.

    Raises ValueError for another name, SandboxError where bubblewrap is missing or cannot isolate on this machine.
    """
    if where.startswith(("http://", "https://")):
        return RemoteSandbox(where, limits or Limits())
    if where not in ("bwrap", "unsafe"):
        raise ValueError(f"reward.sandbox must be bwrap, unsafe or the URL of a service, got {where!r}")
    return LocalSandbox(limits or Limits(), isolated=where == "bwrap")
