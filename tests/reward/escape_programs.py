"""Programs that try to get out of the sandbox, one idea each, for test_sandbox_escapes.py.

A program prints ESCAPED where its attempt worked; what it did outside is looked for there too. Names in capitals stand
for things of the host: PORT (TCP and UDP, 127.0.0.1), SOCKET (unix, a path), ABSTRACT (unix, a name), SECRET_FILE,
CANARY (a file that anybody may write), FOLDER (theirs), PID (a process of the host's);
LIBC and SYSCALLS are replaced by the texts below.
"""

from __future__ import annotations

LIBC = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
"""
SYSCALLS = f"""
{LIBC}
def refused(*args): return libc.syscall(*args) == -1 and ctypes.get_errno() in (1, 13, 38)
"""

PYTHON: dict[str, str] = {
    # the network
    "tcp": """
import socket
s = socket.create_connection(('127.0.0.1', PORT), 1)
s.send(b'x')
print('ESCAPED')
""",
    "udp": """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'x', ('127.0.0.1', PORT))
print('ESCAPED')
""",
    "dns": """
import socket
print('ESCAPED', socket.getaddrinfo('example.com', 80))
""",
    "unix socket": """
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('SOCKET')
print('ESCAPED')
""",
    "abstract socket": r"""
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('\0ABSTRACT')
print('ESCAPED')
""",
    "unusual sockets": """
import socket
for family in (10, 16, 17, 38, 40, 44):
  for kind in (1, 2, 3):
    try:
      socket.socket(family, kind, 0)
      print('ESCAPED', family)
    except OSError: pass
""",
    # bombs
    "fork bomb": """
import os
while True:
  try: os.fork()
  except OSError: pass
""",
    "fork bomb in fresh sessions": """
import os
while True:
  try:
    if os.fork() == 0: os.setsid()
  except OSError: pass
""",
    "thread bomb": """
import threading, time
while True:
  try: threading.Thread(target=time.sleep, args=(9,)).start()
  except RuntimeError: pass
""",
    "memory": """
hoard = []
while True: hoard.append(bytearray(1 << 20))
""",
    "memory of many processes": """
import os
for _ in range(3): os.fork()
hoard = []
while True: hoard.append(bytearray(1 << 20))
""",
    "shared memory": """
import mmap, os
maps = []
for _ in range(3): os.fork()
while True:
  maps.append(mmap.mmap(-1, 1 << 22))
  maps[-1].write(b'x' * (1 << 22))
""",
    "memory without a map": """
import os
try: fd = os.memfd_create('x')
except OSError: raise SystemExit
print('ESCAPED')
while True: os.write(fd, b'x' * 65536)
""",
    "System V memory": """
LIBC
print('ESCAPED' if libc.shmget(0, 1 << 30, 0o1600) >= 0 else 'no')
""",
    "POSIX message queue": """
LIBC
print('ESCAPED' if libc.mq_open(b'/q', 0o102, 0o600, None) >= 0 else 'no')
""",
    "disk": """
size = 0
with open('/tmp/big', 'wb', 0) as file:
  try:
    while True: size += file.write(b'x' * 65536)
  except OSError: print('ESCAPED' if size > 9 << 20 else size)
""",
    "disk in many files": """
import itertools
size = 0
try:
  for n in itertools.count():
    with open(f'/tmp/{n}', 'wb', 0) as file: size += file.write(b'x' * (1 << 20))
except OSError: print('ESCAPED' if size > 9 << 20 else size)
""",
    "sparse file": """
with open('/tmp/big', 'wb') as file: file.truncate(1 << 40)
print('ESCAPED')
""",
    "inodes": """
import itertools, os
for n in itertools.count():
  os.close(os.open(f'/tmp/{n}', os.O_CREAT))
  if n > 15_000: print('ESCAPED', flush=True)
""",
    "deep folders": """
import os
for _ in range(100_000):
  os.mkdir('d')
  os.chdir('d')
print('ESCAPED')
""",
    "endless output": r"""
import os
while True: os.write(1, b'all work and no play\n' * 1000)
""",
    "endless errors": """
import os
while True: os.write(2, b'x' * 65536)
""",
    "endless report": """
import os
while True: os.write(3, b'x' * 65536)
""",
    "one long line": """
print('x' * (64 << 20))
""",
    "no utf-8": """
import os
os.write(1, bytes(range(256)) * 100)
""",
    # time
    "deaf": """
import signal, time
for n in range(1, 65):
  try: signal.signal(n, signal.SIG_IGN)
  except (OSError, ValueError): pass
while True: time.sleep(1)
""",
    "deaf and busy": """
import signal
for n in range(1, 65):
  try: signal.signal(n, signal.SIG_IGN)
  except (OSError, ValueError): pass
while True: pass
""",
    "silent and busy": """
import os
os.closerange(0, 64)
while True: pass
""",
    "busy in relays": """
import os
while True:
  if os.fork(): os._exit(0)
  for _ in range(100_000): pass
""",
    "daemon": """
import os, sys, time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    time.sleep(0.5)
    open('CANARY', 'a').write('later')
    time.sleep(600)
  os._exit(0)
print('bye')
""",
    "daemon that holds the pipes": """
import os, time
if os.fork() == 0:
  os.setsid()
  time.sleep(600)
print('bye')
""",
    # files
    "reading": """
print('ESCAPED', open('SECRET_FILE').read())
""",
    "writing": """
open('CANARY', 'w').write('gone')
print('ESCAPED')
""",
    "writing beside": """
open('FOLDER/escaped', 'w').write('x')
print('ESCAPED')
""",
    "symbolic link": """
import os
os.symlink('CANARY', '/tmp/link')
open('/tmp/link', 'a').write('gone')
print('ESCAPED')
""",
    "symbolic link for the next test": """
import os
for name in ('program', 'program.py', 'program.cpp'):
  os.path.lexists('/tmp/' + name) or os.symlink('CANARY', '/tmp/' + name)
""",
    "hard link": """
import os
os.link('CANARY', '/tmp/link')
open('/tmp/link', 'a').write('gone')
print('ESCAPED')
""",
    "root of others": """
import glob
for root in ['/proc/1/root', '/proc/1/cwd', '/proc/self/root', '/tmp/' + '../' * 40]:
  try: print('ESCAPED', open(root + 'SECRET_FILE').read())
  except OSError: pass
""",
    "writable places": """
import os
for root, folders, files in os.walk('/'):
  folders[:] = [name for name in folders if root.count('/') < 4 and name not in ('proc', 'tmp')]
  try:
    os.close(os.open(root + '/escaped', os.O_CREAT | os.O_WRONLY))
    print('ESCAPED', root)
  except OSError: pass
""",
    "files of the system": """
import os, sys
ours = ['/sandbox/supervisor.py', '/sandbox/python_program.py']
for path in [sys.executable, os.__file__, *ours, '/etc/ld.so.preload', '/etc/passwd', '/usr/lib/os-release']:
  for flags in (os.O_WRONLY, os.O_WRONLY | os.O_CREAT):
    try:
      os.open(path, flags)
      print('ESCAPED', path)
    except OSError: pass
  try:
    os.unlink(path)
    print('ESCAPED', path)
  except OSError: pass
""",
    "secrets of the system": """
import os
for path in '''/etc/passwd /etc/shadow /etc/hostname /home /var /opt /srv /run /boot /sys /mnt
  /usr/share /dev/shm'''.split():
  if os.path.exists(path): print('ESCAPED', path)
""",
    "leaked descriptors": """
import os
for fd in range(4, 4096):
  try:
    os.fstat(fd)
    print('ESCAPED', fd)
  except OSError: pass
""",
    "devices": """
import os
for name in 'sda vda mem kmem port kmsg fuse kvm net/tun loop-control vsock tty console ptmx'.split():
  for flags in (os.O_RDONLY, os.O_WRONLY):
    try:
      os.open('/dev/' + name, flags)
      print('ESCAPED', name)
    except OSError: pass
""",
    "new devices": """
import os, stat
for device in ((1, 1), (8, 0), (254, 0), (1, 11)):
  try:
    os.mknod('/tmp/device', 0o666 | stat.S_IFBLK, os.makedev(*device))
    print('ESCAPED')
  except OSError: pass
""",
    # /proc, /sys and other processes
    "environment": """
import os
print(dict(os.environ))
for path in ('/proc/1/environ', '/proc/self/environ'):
  try: print(open(path).read())
  except OSError: pass
""",
    "memory of the parent": """
import os, re
for pid in ('1', str(os.getppid())):
  try:
    maps = open(f'/proc/{pid}/maps').read()
    print('ESCAPED', len(maps))
    open(f'/proc/{pid}/mem', 'rb')
    print('ESCAPED')
  except OSError: pass
""",
    "descriptors of the parent": """
import os
for fd in range(300):
  for mode in ('rb', 'wb'):
    try:
      open(f'/proc/1/fd/{fd}', mode, 0)
      print('ESCAPED', fd)
    except OSError: pass
""",
    "kernel settings": """
import os
for path in '''/proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches /proc/sys/kernel/hostname
  /proc/sys/kernel/modprobe /proc/1/oom_score_adj /proc/1/uid_map /proc/self/uid_map /sys/kernel/uevent_helper
  /sys/fs/cgroup/release_agent'''.split():
  try:
    os.write(os.open(path, os.O_WRONLY), b'escaped')
    print('ESCAPED', path)
  except OSError: pass
""",
    "memory of the kernel": """
for path in ('/proc/kcore', '/proc/kmsg', '/proc/keys', '/dev/mem'):
  try:
    if open(path, 'rb').read(64): print('ESCAPED', path)
  except OSError: pass
""",
    "signals": """
import os, signal
for pid in (1, os.getppid(), PID, -1):
  for n in (2, 15, 17, 18, 19, 1, 13, 9):
    try: os.kill(pid, n)
    except OSError: pass
try:
  os.kill(PID, 0)
  print('ESCAPED')
except OSError: pass
""",
    "limits of the parent": """
import resource
for name in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_AS):
  try: resource.prlimit(1, name, (0, 0))
  except OSError: pass
""",
    "more than allowed": """
import resource, os
for name in 'AS NPROC FSIZE CPU MEMLOCK MSGQUEUE'.split():
  try:
    resource.setrlimit(getattr(resource, 'RLIMIT_' + name), (1 << 40, 1 << 40))
    print('ESCAPED', name)
  except (OSError, ValueError): pass
try:
  os.nice(-5)
  print('ESCAPED')
except OSError: pass
""",
    # privileges
    "other users": r"""
import os
calls = dict(setuid=[0], setresuid=[0, 0, 0], setgid=[0], setgroups=[[0]], seteuid=[1], chown=['/tmp', 0, 0])
for name, arguments in calls.items():
  try:
    getattr(os, name)(*arguments)
    print('ESCAPED')
  except OSError: pass
status = open('/proc/self/status').read()
if 'NoNewPrivs:\t1' not in status or 'CapEff:\t0000000000000000' not in status: print('ESCAPED', status)
""",
    "mount": """
LIBC
for kind, place in ((b'tmpfs', b'/tmp'), (b'proc', b'/tmp'), (b'sysfs', b'/tmp')):
  if libc.mount(b'none', place, kind, 0, None) == 0: print('ESCAPED')
if libc.mount(b'/', b'/tmp', None, 4096, None) == 0 or libc.umount2(b'/proc', 2) == 0: print('ESCAPED')
""",
    "writable again": """
LIBC
for place in (b'/', b'/usr/lib', b'/sandbox'):
  if libc.mount(None, place, None, 32 | 4096, None) == 0: print('ESCAPED')
""",
    "namespaces": """
LIBC
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x80):
  if libc.unshare(flag) == 0: print('ESCAPED', hex(flag))
""",
    "namespaces by clone": """
SYSCALLS
for flag in (0x10000000, 0x20000, 0x40000000):
  if not refused(56 if MACHINE == 'x86_64' else 220, flag | 17, 0, 0, 0, 0): print('ESCAPED')
if not refused(435, 0, 0): print('ESCAPED', 'clone3')
""",
    "namespaces of others": """
LIBC
import os
for name in os.listdir('/proc/self/ns'):
  try:
    if libc.setns(os.open('/proc/1/ns/' + name, os.O_RDONLY), 0) == 0: print('ESCAPED', name)
  except OSError: pass
""",
    "chroot": """
import os
os.mkdir('/tmp/root')
os.chroot('/tmp/root')
print('ESCAPED')
""",
    "ptrace": """
LIBC
import os
for pid in (1, os.getppid()):
  if libc.ptrace(16, pid, 0, 0) == 0: print('ESCAPED')
buffer = ctypes.create_string_buffer(64)
class Piece(ctypes.Structure):
  _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
piece = Piece(ctypes.addressof(buffer), 64)
if libc.process_vm_readv(1, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0) > 0: print('ESCAPED')
""",
    "kernel modules": """
SYSCALLS
for number in ((175, 313, 176, 246, 169, 167) if MACHINE == 'x86_64' else (105, 273, 106, 104, 142, 224)):
  if not refused(number, 0, 0, 0, 0): print('ESCAPED', number)
""",
    "keyrings": """
SYSCALLS
for number in ((248, 249, 250) if MACHINE == 'x86_64' else (217, 218, 219)):
  if not refused(number, b'user', b'escaped', b'x', 1, -3): print('ESCAPED', number)
""",
    "kernel interfaces": """
SYSCALLS
old = (321, 298, 323, 304, 300) if MACHINE == 'x86_64' else (280, 241, 282, 265, 262)
for number in old + (425, 428, 430, 434, 438, 447):
  if not refused(number, 0, 0, 0, 0, 0): print('ESCAPED', number)
""",
    # breaking the run
    "stack overflow": """
import sys
sys.setrecursionlimit(1 << 30)
def f(x): return max([x], key=f)
f(1)
""",
    "segmentation fault": """
import ctypes
ctypes.string_at(0)
""",
    "answers of its own": """
import json, os, struct
head = {'why': 'exit', 'code': 0, 'cpu_seconds': 0, 'peak_bytes': 0, 'stderr': '', 'stdout_bytes': 0}
head = json.dumps(head).encode()
for fd in (0, 1, 2, 3):
  try: os.write(fd, struct.pack('>II', len(head), 0) + head)
  except OSError: pass
""",
    "what Python knows": """
import gc, sys
frame = sys._getframe()
while frame:
  print(frame.f_locals, frame.f_globals)
  frame = frame.f_back
for thing in gc.get_objects(): print(str(thing)[:10_000])
""",
}

CPP: dict[str, str] = {
    "include /etc/passwd": """
#include "/etc/passwd"
int main() {}
""",
    "include a secret": """
#include "SECRET_FILE"
int main() {}
""",
    "include the environment": """
#include "/proc/1/environ"
int main() {}
""",
    "include without end": """
#include "/dev/zero"
int main() {}
""",
    "assemble a secret": r"""
#include <cstdio>
asm("secret: .incbin \"SECRET_FILE\"");
extern char secret[];
int main() { puts("ESCAPED"); puts(secret); }
""",
    "templates without end": """
template <int N> struct A { static const int v = A<N - 1>::v + A<N - 2>::v; using T = typename A<N * 2 + 1>::T; };
template <typename T> struct B { B<B<T>> *next; B() { next = new B<B<T>>; } };
int main() { B<int> b; return A<1 << 20>::v; }
""",
    "macros without end": """
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(x)))
#define C(x) B(B(B(x)))
int main() { C(;) C(;) C(;) }
""",
    "a binary of a gigabyte": """
int big[1 << 28] = {1};
int main() { return big[5]; }
""",
    "include itself": """
#include __FILE__
#include __FILE__
int main() {}
""",
    "fork bomb": """
#include <unistd.h>
int main() { for (;;) fork(); }
""",
    "vfork and exec": """
#include <unistd.h>
int main(int, char **v) { for (;;) if (fork() == 0) execv(v[0], v); }
""",
    "memory": """
#include <vector>
#include <cstring>
int main() { for (;;) memset(new char[1 << 20], 1, 1 << 20); }
""",
    "stack": """
int f(int n) { volatile char a[4096]; a[0] = n; return f(n + 1) + a[0]; }
int main() { return f(0); }
""",
    "system": """
#include <cstdlib>
int main() { return system("cat SECRET_FILE; echo gone > CANARY; kill -9 -1"); }
""",
    "writing": """
#include <fstream>
int main() { std::ofstream("CANARY") << "gone"; }
""",
    "network": """
#include <arpa/inet.h>
#include <sys/socket.h>
#include <cstdio>
int main() { sockaddr_in a{};
a.sin_family = AF_INET; a.sin_port = htons(PORT); a.sin_addr.s_addr = htonl(0x7f000001);
if (connect(socket(AF_INET, SOCK_STREAM, 0), (sockaddr *)&a, sizeof a) == 0) puts("ESCAPED"); }
""",
    "preload": """
#include <cstdlib>
#include <unistd.h>
int main(int, char **v) { if (getenv("LD_PRELOAD")) return 0;
setenv("LD_PRELOAD", "/tmp/program", 1); return execv(v[0], v); }
""",
}

# functions that are asked for f(1) == the secret: none can know it
FUNCTIONS: dict[str, str] = {
    "exit early": """
import sys
sys.exit(0)
""",
    "exit early and hard": """
import os
os._exit(0)
""",
    "exit in the function": """
import os
def f(x): os._exit(0)
""",
    "end in the function": """
def f(x): raise SystemExit(0)
""",
    "equal to all": """
class All(str):
  def __eq__(self, other): return True
  __hash__ = None
def f(x): return All('x')
""",
    "equal to all numbers": """
class All(int):
  def __eq__(self, other): return True
def f(x): return All(1)
""",
    "own json": """
import json
json.dumps = lambda *a, **k: 'true'
json.JSONEncoder.encode = lambda *a: 'true'
json.encoder.c_make_encoder = None
def f(x): return 1
""",
    "own builtins": """
import builtins
builtins.all = builtins.any = lambda *a: True
builtins.len = lambda x: 1
builtins.str = builtins.bool = lambda *a: True
def f(x): return 1
""",
    "own writing": r"""
import os
write = os.write
os.write = lambda fd, data: write(fd, b'\n' + data.split()[0] + b' value true\n') and len(data)
def f(x): return 1
""",
    "token from the frames": r"""
import os, sys
def f(x):
  frame = sys._getframe()
  while 'token' not in frame.f_locals: frame = frame.f_back
  token = frame.f_locals['token']
  for guess in ('true', '1', '""', '[1]', 'null', 'NaN', '"*"', ''):
    os.write(3, f'\n{token} value {guess}\n'.encode())
  os._exit(0)
""",
    "trace": """
import sys
def trace(frame, event, arg):
  frame.f_trace_lines = False
  return trace
sys.settrace(trace)
def f(x): return 1
""",
    "atexit": """
import atexit, os
atexit.register(lambda: os.write(3, b'value true'))
def f(x): return 1
""",
    "destructor": """
import os
class D:
  def __del__(self): os.write(3, b'value true'); os._exit(0)
d = D()
def f(x): return d
""",
    "thread": """
import os, threading
threading.Thread(target=lambda: os._exit(0)).start()
def f(x):
  while True: pass
""",
    "another main": """
import sys
sys.modules['__main__'].Supervisor = sys.modules['python_program'].write_report = lambda *a: None
def f(x): return 1
""",
    "closed descriptors": """
import os
os.closerange(0, 100)
def f(x): return 1
""",
    "deep result": """
def f(x):
  a = []
  for _ in range(90_000): a = [a]
  return a
""",
    "large result": """
def f(x): return 'x' * (64 << 20)
""",
    "long number": """
def f(x): return 10 ** 5000
""",
    "not a number": """
def f(x): return float('nan')
""",
    "every answer": """
def f(x): return [str(n) for n in range(10_000)]
""",
}
