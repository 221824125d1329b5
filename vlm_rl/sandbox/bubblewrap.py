"""The command line of bubblewrap (bwrap): what a sandboxed supervisor can see, and as whom it runs.

Root needs no user namespace: the supervisor stays root, with the few capabilities that it needs to become, for each
test, a user that nobody else has. Root without the right to mount, as in containers, starts bubblewrap as such a user.
That one, and everybody else, gets a user namespace, in which supervisor and tests are the same user.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import py_compile
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vlm_rl.sandbox.program import MEGABYTE, Language, Limits, SandboxError

COMPILER = "/usr/bin/g++"
INSIDE = Path(__file__).parent / "inside"
FOLDER = "/tmp"  # inside: the only place to write

_SYSTEM = {"python": ("lib", "lib64", "lib32"), "cpp": ("lib", "lib64", "lib32", "bin", "include", "libexec")}
_DEVICES = ("null", "zero", "full", "random", "urandom")
_MOUNTING = "CAP_SYS_ADMIN"  # bubblewrap's alone
_CAPABILITIES = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7, _MOUNTING: 21}
_NAMESPACES = ("ipc", "pid", "net", "uts", "cgroup-try")
_MANY_USERS = 1 << 14
_slots = itertools.count()


@dataclass(frozen=True, slots=True)
class Start:
    """A command. user: as whom to start it; uid: as whom its tests run, inside; None = no change."""

    command: list[str]
    user: int | None = None
    uid: int | None = None


def confine(language: Language, limits: Limits, filter_fd: int) -> Start:
    """The command of a sandbox for programs in `language`; `filter_fd` holds the seccomp filter.

    Raises SandboxError where bubblewrap is not installed.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            "reward.sandbox is bwrap, and bubblewrap is not installed: install it (apt-get install bubblewrap), set "
            "reward.sandbox to the URL of a sandbox service, or to `unsafe` to run programs without isolation"
        )
    user, uid = _unused_uid(), None
    if _has_capabilities(_CAPABILITIES.values()):
        user, uid = None, user
    command = [bwrap, "--die-with-parent", "--new-session", "--as-pid-1", "--seccomp", str(filter_fd)]
    command += [f"--unshare-{name}" for name in _NAMESPACES] + ["--cap-drop", "ALL"]
    if uid is None:
        command += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    else:
        command += [word for name in _CAPABILITIES if name != _MOUNTING for word in ("--cap-add", name)]
    mounts = [*_system_mounts(language), *_python_mounts(), "--ro-bind", str(INSIDE), "/sandbox", "--proc", "/proc"]
    for name in _DEVICES:
        mounts += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    command += [*_folders_above(mounts), *mounts]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        command += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
    command += ["--size", str(limits.tmp_mb * MEGABYTE), "--perms", "1777", "--tmpfs", FOLDER]
    command += ["--remount-ro", "/", "--chdir", "/", "--setenv", "HOME", FOLDER, "--setenv", "LANG", "C.UTF-8"]
    return Start([*command, *supervisor(language, "isolated", FOLDER, "/sandbox")], user, uid)


def supervisor(language: Language, isolated: str, folder: str, inside: str) -> list[str]:
    """The command that starts a supervisor, where the folder `inside` is at that path."""
    _compile_inside()
    return [_python(), "-I", "-S", "-B", "-X", "utf8", f"{inside}/start.py", language, isolated, folder]


@cache
def _compile_inside() -> None:
    """Write bytecode where an import would: the supervisors, which may not write, then start faster."""
    for path in INSIDE.glob("*.py"):
        with contextlib.suppress(OSError):  # where the package is installed read-only, bytecode came with it
            py_compile.compile(str(path))


def _python() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))  # the one behind a virtual environment


def _unused_uid() -> int | None:
    """A user id of this sandbox alone, where this process may become any user: limits on processes count per user."""
    if os.geteuid() != 0 or not _has_capabilities((_CAPABILITIES["CAP_SETUID"], _CAPABILITIES["CAP_SETGID"])):
        return None
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text("ascii").splitlines()]
    first, _, count = max(ranges, key=lambda row: row[2])
    if count < _MANY_USERS:
        return None
    count = min(count, 1 << 31)  # bwrap takes numbers for signed
    return first + count // 2 + (os.getpid() * 64 + next(_slots) % 64) % (count // 4)


def _has_capabilities(numbers: Iterable[int]) -> bool:
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))
    return all(mask >> number & 1 for number in numbers)


def _folders_above(mounts: list[str]) -> list[str]:
    """Make the folders that mount points stand in; those that bwrap makes itself are closed to other users."""
    folders = {str(folder) for path in mounts if path.startswith("/") for folder in Path(path).parents}
    return [word for folder in sorted(folders - {"/"}) for word in ("--perms", "0755", "--dir", folder)]


def _system_mounts(language: Language) -> list[str]:
    """The system's libraries, and for C++ its programs and headers: of /etc and of all else, nothing."""
    words: list[str] = []
    for name in _SYSTEM[language]:
        if os.path.isdir(f"/usr/{name}"):
            words += ["--ro-bind", f"/usr/{name}", f"/usr/{name}"]
        if os.path.islink(f"/{name}"):
            words += ["--symlink", f"usr/{name}", f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    return [*words, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]


def _python_mounts() -> list[str]:
    """The interpreter and its standard library, without what is installed beside it."""
    library = sysconfig.get_path("stdlib")
    words = ["--ro-bind", _python(), _python(), "--ro-bind", library, library]
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        shared = Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))
        words += ["--ro-bind-try", str(shared), str(shared)]
    for hidden in ("site-packages", "dist-packages"):
        if os.path.isdir(f"{library}/{hidden}"):
            words += ["--size", str(MEGABYTE), "--tmpfs", f"{library}/{hidden}"]
            words += ["--remount-ro", f"{library}/{hidden}"]
    return words
