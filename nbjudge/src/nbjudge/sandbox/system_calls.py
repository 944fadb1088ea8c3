"""The system calls that student code may make. All others are blocked.

The list contains what Python, NumPy, a shell and common command-line tools need. It omits calls
that change mounts, namespaces, the clock, the kernel or other processes, and calls whose arguments
a filter cannot inspect (io_uring, clone3). libseccomp translates names into numbers.
"""

import errno
import os
import socket
import tempfile
import termios
from typing import Any

from nbjudge.sandbox import linux

ALLOWED = """
access alarm arch_prctl brk capget chdir chmod chown clock_getres clock_gettime clock_nanosleep
close close_range copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat
faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex
futex_waitv futimesat get_mempolicy get_robust_list getcpu getcwd getdents getdents64 getegid
geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid
getresuid getrlimit getrusage getsid gettid gettimeofday getuid getxattr inotify_add_watch
inotify_init inotify_init1 inotify_rm_watch ioctl kill lchown lgetxattr link linkat listxattr
llistxattr lremovexattr lseek lsetxattr lstat madvise mbind membarrier mincore mkdir
mkdirat mknod mknodat mlock mlock2 mmap mprotect mremap msync munlock munmap nanosleep newfstatat
open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free
pkey_mprotect poll ppoll prctl pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 read
readahead readlink readlinkat readv removexattr rename renameat renameat2 restart_syscall rmdir
rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
sched_setattr sched_setparam sched_setscheduler sched_yield select sendfile set_mempolicy
set_robust_list set_tid_address setitimer setpgid setpriority setrlimit setxattr
sigaltstack signalfd signalfd4 splice stat statfs statx symlink symlinkat sync_file_range sysinfo
tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat
utime utimensat utimes vfork vmsplice wait4 waitid write writev
"""
# Allowed on connected socket pairs. The calls with addresses require a separate network namespace.
PAIRS = """
getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt
shutdown
"""
ADDRESSES = "accept accept4 bind connect listen"
SOCKET_FAMILIES = (int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6))
SIGNALS = "kill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill"
LANDLOCK_TRUNCATES = 3  # the first Landlock ABI version that can forbid truncating files
LANDLOCK_SCOPES = 6  # the first Landlock ABI version that can confine signals
# Landlock does not stop these calls from changing files of the same user outside the sandbox, by
# name or by a descriptor open for reading. The filter turns them into no-ops.
ATTRIBUTES = """
chmod chown fchmod fchmodat fchmodat2 fchown fchownat fremovexattr fsetxattr futimesat lchown
lremovexattr lsetxattr removexattr setxattr utime utimensat utimes
"""
# Nor does Landlock stop ioctl requests to a file system, such as changing a file's flags or taking
# a snapshot. Allowed requests: those of any descriptor, of terminals, and REQUESTS_BY_NUMBER.
REQUESTS = """
FIOASYNC FIOCLEX FIONBIO FIONCLEX FIONREAD TCFLSH TCGETS TCSBRK TCSETS TCSETSF TCSETSW TCXONC
TIOCGPGRP TIOCGWINSZ TIOCOUTQ TIOCSPGRP TIOCSWINSZ
"""
REQUESTS_BY_NUMBER = (
    0x802C542A,  # TCGETS2, asm-generic/ioctls.h
    0x80086601,  # FS_IOC_GETFLAGS, linux/fs.h
    0x801C581F,  # FS_IOC_FSGETXATTR
    0x40049409,  # FICLONE, which needs a file open for writing
    0x4020940D,  # FICLONERANGE
    0xC020660B,  # FS_IOC_FIEMAP, linux/fiemap.h
)
REQUEST_MASK = 0xFFFFFFFF  # the kernel ignores the higher bits of a request
OF_OTHERS = "sched_setaffinity sched_setattr sched_setparam sched_setscheduler"
SOCK_TYPE_MASK = 0xF  # linux/net.h: without SOCK_CLOEXEC and SOCK_NONBLOCK
NAMESPACES = (
    linux.CLONE_NEWTIME
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWCGROUP
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
)


def filter_program(own_network: bool) -> bytes:
    """Return the filter as a BPF program for this machine.

    Parameters
    ----------
    own_network
        True if the session has its own network namespace, so that sockets lead nowhere, and its own
        files and processes. Otherwise the filter blocks all sockets but connected pairs, signals to
        other processes, watching folders, and ioctl requests other than REQUESTS, and turns calls
        that change a file's owner, mode, times or attributes into no-ops.

    Raises
    ------
    ImportError
        If the libseccomp library is missing.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))

    def rule(action: int, names: str, *arguments: Any) -> None:
        for name in names.split():
            if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:
                rules.add_rule(action, name, *arguments)

    unconditional = set(ALLOWED.split())
    local = seccomp.Arg(0, seccomp.EQ, int(socket.AF_UNIX))
    if own_network:
        rule(seccomp.ALLOW, f"{PAIRS} {ADDRESSES}")
        rule(seccomp.ALLOW, "socketpair", local)
        for family in SOCKET_FAMILIES:
            rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, family))
    else:
        unconditional -= {*SIGNALS.split(), *ATTRIBUTES.split(), *OF_OTHERS.split()}
        # Watching a folder would reveal the names in folders that Landlock closes.
        unconditional -= {"inotify_add_watch", "ioctl", "setpriority"}
        rule(seccomp.ERRNO(0), ATTRIBUTES)
        rule(seccomp.ALLOW, OF_OTHERS, seccomp.Arg(0, seccomp.EQ, 0))
        # PRIO_USER is omitted: it would affect the user's other processes too.
        for whose in (os.PRIO_PROCESS, os.PRIO_PGRP):
            own = seccomp.Arg(0, seccomp.EQ, whose), seccomp.Arg(1, seccomp.EQ, 0)
            rule(seccomp.ALLOW, "setpriority", *own)
        requests = [getattr(termios, name) for name in REQUESTS.split()]
        for request in (*requests, *REQUESTS_BY_NUMBER):
            allowed = seccomp.Arg(1, seccomp.MASKED_EQ, REQUEST_MASK, request)
            rule(seccomp.ALLOW, "ioctl", allowed)
        rule(seccomp.ALLOW, PAIRS)
        rule(
            seccomp.ALLOW,
            "socketpair",
            local,
            seccomp.Arg(1, seccomp.MASKED_EQ, SOCK_TYPE_MASK, socket.SOCK_STREAM),
        )
        if linux.landlock_version() < LANDLOCK_TRUNCATES:
            unconditional -= {"open", "openat", "openat2", "truncate"}
            rule(seccomp.ERRNO(errno.ENOSYS), "openat2")  # programs fall back to openat
            for name, position in (("open", 1), ("openat", 2)):  # argument with the flags
                rule(seccomp.ALLOW, name, seccomp.Arg(position, seccomp.MASKED_EQ, os.O_TRUNC, 0))
                for mode in (os.O_WRONLY, os.O_RDWR):  # checked by Landlock
                    checked = seccomp.Arg(position, seccomp.MASKED_EQ, os.O_ACCMODE, mode)
                    rule(seccomp.ALLOW, name, checked)
        if linux.landlock_version() >= LANDLOCK_SCOPES:
            rule(seccomp.ALLOW, "kill tgkill tkill")
    rule(seccomp.ALLOW, " ".join(sorted(unconditional)))
    itself = seccomp.Arg(0, seccomp.EQ, 0)
    rules.add_rule(seccomp.ALLOW, "prlimit64", itself)
    same_namespaces = seccomp.Arg(0, seccomp.MASKED_EQ, NAMESPACES, 0)
    rules.add_rule(seccomp.ALLOW, "clone", same_namespaces)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # the C library falls back to clone
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
