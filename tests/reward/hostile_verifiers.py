"""Verifiers as users should not write them, for the pool's tests: found by path in the worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from vlm_rl.types import Prompt, Verdict


def says_yes(response: str, prompt: Prompt) -> Verdict:
    return Verdict(response == "yes", response, f"pid {os.getpid()}")


def misbehaves(response: str, prompt: Prompt) -> Verdict:
    """Does what the response says."""
    if response == "sleep":
        time.sleep(3600)
    elif response.startswith("yes after "):
        time.sleep(float(response.removeprefix("yes after ")))
    elif response == "half":
        return Verdict(False, response, "half right", score=0.5)
    elif response == "cannot tell":
        return Verdict(False, response, "no opinion", judged=False)
    elif response == "more than right":
        return Verdict(True, response, "match", score=2.0)
    elif response == "loop":
        while True:
            pass
    elif response == "exit":
        os._exit(3)
    elif response == "raise":
        raise TypeError("a mistake in the verifier")
    elif response == "value error":
        raise ValueError("a careless int()")
    elif response == "recurse":
        return misbehaves(response, prompt)
    elif response == "allocate":
        hoard = []
        while True:
            hoard.append(bytearray(1 << 34))
    elif response == "print":
        print("noise on standard output" * 1000)
        sys.stdout.flush()
    elif response == "read":
        sys.stdin.read()
    elif response == "yes, exit later":
        threading.Timer(0.05, os._exit, (5,)).start()
    elif response == "child":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        time.sleep(3600)
    return Verdict(response.startswith("yes"), response, "match")


def needs_gold(response: str, prompt: Prompt) -> Verdict:
    return Verdict(int(prompt.answer) == len(response), response, "match")


def gold_hangs(response: str, prompt: Prompt) -> Verdict:
    time.sleep(3600)
    return Verdict(True, response, "match")


def ends_well(response: str, prompt: Prompt) -> Verdict:
    return Verdict(response.endswith("}."), response, "match")
