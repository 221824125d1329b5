"""The processes of a sandbox, as its supervisor sees them: what they use, and how they all end."""

from __future__ import annotations

import os
import signal

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Processes:
    """isolated: the supervisor is process 1 of a PID namespace, and all others in it are meant. Otherwise those that
    descend from it: as a subreaper, it is given the children of dead parents."""

    def __init__(self, isolated: bool) -> None:
        self._isolated = isolated

    def usage(self) -> tuple[float, int, int]:
        """CPU seconds, resident bytes (anonymous, shared and swapped), and number of the tests' processes."""
        cpu = memory = count = 0
        for pid in self.all():
            try:
                with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
                    lines = file.read().splitlines()
            except OSError:
                continue  # it has ended
            cpu += sum(map(int, _stat(pid)[11:15]))
            kinds = ("RssAnon:", "RssShmem:", "VmSwap:")
            memory += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(kinds))
            count += 1
        return cpu / CLOCK_TICKS, memory, count

    def kill(self) -> None:
        """Send SIGKILL to every one."""
        if self._isolated:
            os.kill(-1, signal.SIGKILL)  # all that this process can see, but not itself
            return
        while left := [pid for pid in self.all() if not _is_dead(pid)]:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def all(self) -> list[int]:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [pid for pid in pids if pid != 1] if self._isolated else _descendants(pids)


def _descendants(pids: list[int]) -> list[int]:
    parents = {pid: int(fields[1]) for pid in pids if (fields := _stat(pid))}
    found, ours = [os.getpid()], []
    while found:
        parent = found.pop()
        children = [pid for pid in parents if parents[pid] == parent]
        ours += children
        found += children
    return ours


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty once the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _is_dead(pid: int) -> bool:
    return _stat(pid)[:1] in ([], ["Z"], ["X"])


def reap() -> None:
    """Wait for the deaths of all children, those that came here from dead parents too."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
