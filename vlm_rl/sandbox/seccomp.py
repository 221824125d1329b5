"""The seccomp filter of a sandbox: a classic BPF program that refuses system calls which no honest program needs.

Namespaces already hide the network, the files and the other processes. The filter takes away the rest: what namespaces
do not cover (keyrings, AF_VSOCK, perf, bpf), memory that no other limit counts (memfd, System V), and most of the calls
through which kernels are attacked. Format: linux/filter.h, linux/seccomp.h.
"""

from __future__ import annotations

import errno
import platform
import struct

from vlm_rl.sandbox.program import SandboxError

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# name: number on x86_64, on aarch64 (None: not there)
_REFUSED: dict[str, tuple[int, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
}
_SOCKET, _CLONE = (41, 198), (56, 220)
_AF_UNIX = 1
_CLONE_NEW_NAMESPACES = 0x7E020000  # NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_FIRST_RECENT = 424  # from here on numbers are the same everywhere, and new calls keep coming
_RECENT_ALLOWED = (436, 437, 439, 441, 449, 452)  # close_range openat2 faccessat2 epoll_pwait2 futex_waitv fchmodat2
_X32 = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def build_filter() -> bytes:
    """The filter for this machine, as bwrap --seccomp reads it. Raises SandboxError on an unknown architecture."""
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        raise SandboxError(f"the sandbox's system call filter knows {', '.join(_AUDIT_ARCH)}, not {machine}")
    column = list(_AUDIT_ARCH).index(machine)
    refused = [numbers[column] for numbers in _REFUSED.values()]
    refuse, unknown, allow = _answer(_ERRNO | errno.EPERM), _answer(_ERRNO | errno.ENOSYS), _answer(_ALLOW)
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_JUMP_EQUAL, _AUDIT_ARCH[machine], 1, 0), _answer(_KILL)]
    steps += [_step(_LOAD, _NUMBER), _step(_JUMP_AT_LEAST, _X32, 0, 1), unknown]
    for number in refused:
        if number is not None:
            steps += [_step(_JUMP_EQUAL, number, 0, 1), refuse]
    for number in _RECENT_ALLOWED:
        steps += [_step(_JUMP_EQUAL, number, 0, 1), allow]
    steps += [_step(_JUMP_AT_LEAST, _FIRST_RECENT, 0, 1), unknown]  # clone3 too: the C library then calls clone
    steps += [_step(_JUMP_EQUAL, _SOCKET[column], 0, 4), _step(_LOAD, _FIRST_ARGUMENT)]
    steps += [_step(_JUMP_EQUAL, _AF_UNIX, 0, 1), allow, refuse]
    steps += [_step(_JUMP_EQUAL, _CLONE[column], 0, 3), _step(_LOAD, _FIRST_ARGUMENT)]
    steps += [_step(_JUMP_ANY_BIT, _CLONE_NEW_NAMESPACES, 0, 1), refuse, allow]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _answer(value: int) -> bytes:
    return _step(_RETURN, value)
