"""Which system calls a student's code may make: those listed here, and no others.

The list is what Python, NumPy, a shell and the usual command line tools need. Left out are the
calls that change mounts, namespaces, the clock, the kernel or other processes, and those whose
arguments a filter cannot see into (io_uring, clone3). libseccomp knows the numbers.
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
# On connected pairs always; with addresses only in a network namespace of its own.
PAIRS = """
getpeername getsockname getsockopt recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt
shutdown
"""
ADDRESSES = "accept accept4 bind connect listen"
SOCKET_FAMILIES = (int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6))
SIGNALS = "kill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill"
LANDLOCK_TRUNCATES = 3  # the version of Landlock from which on it keeps files from being cut
LANDLOCK_SCOPES = 6  # the version of Landlock from which on it keeps signals inside
# Landlock lets pass what these do to files of the same user outside, by name or by a descriptor
# that is open for reading; they do nothing then.
ATTRIBUTES = """
chmod chown fchmod fchmodat fchmodat2 fchown fchownat fremovexattr fsetxattr futimesat lchown
lremovexattr lsetxattr removexattr setxattr utime utimensat utimes
"""
# Landlock lets pass what a file system is asked by ioctl, too: to change a file's flags, or to make
# a snapshot. The requests that remain are those of any descriptor and of terminals, and these.
REQUESTS = """
FIOASYNC FIOCLEX FIONBIO FIONCLEX FIONREAD TCFLSH TCGETS TCSBRK TCSETS TCSETSF TCSETSW TCXONC
TIOCGPGRP TIOCGWINSZ TIOCOUTQ TIOCSPGRP TIOCSWINSZ
"""
REQUESTS_BY_NUMBER = (
    0x802C542A,  # TCGETS2, asm-generic/ioctls.h
    0x80086601,  # FS_IOC_GETFLAGS, linux/fs.h
    0x801C581F,  # FS_IOC_FSGETXATTR
    0x40049409,  # FICLONE, into a file that is open for writing
    0x4020940D,  # FICLONERANGE
    0xC020660B,  # FS_IOC_FIEMAP, linux/fiemap.h
)
REQUEST_MASK = 0xFFFFFFFF  # the kernel reads no more of a request's number
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
    """The filter as a BPF program for this machine.

    Parameters
    ----------
    own_network
        Whether sockets lead nowhere, being in a network namespace of their own, and files and
        processes are those of the session alone. Without it no socket can be made but a connected
        pair, no signal sent to another process, no folder watched, no file system asked for more
        than REQUESTS, and calls that change a file's owner, mode, times or attributes do nothing.

    Raises
    ------
    ImportError
        Where the libseccomp library is missing.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))

    def rule(action: int, names: str, *arguments: Any) -> None:
        for name in names.split():
            if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:
                rules.add_rule(action, name, *arguments)

    always = set(ALLOWED.split())
    local = seccomp.Arg(0, seccomp.EQ, int(socket.AF_UNIX))
    if own_network:
        rule(seccomp.ALLOW, f"{PAIRS} {ADDRESSES}")
        rule(seccomp.ALLOW, "socketpair", local)
        for family in SOCKET_FAMILIES:
            rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, family))
    else:
        always -= {*SIGNALS.split(), *ATTRIBUTES.split(), *OF_OTHERS.split()}
        always -= {"inotify_add_watch", "ioctl", "setpriority"}  # no names from closed folders
        rule(seccomp.ERRNO(0), ATTRIBUTES)
        rule(seccomp.ALLOW, OF_OTHERS, seccomp.Arg(0, seccomp.EQ, 0))
        for whose in (os.PRIO_PROCESS, os.PRIO_PGRP):  # those of a user are not the session's alone
            own = seccomp.Arg(0, seccomp.EQ, whose), seccomp.Arg(1, seccomp.EQ, 0)
            rule(seccomp.ALLOW, "setpriority", *own)
        requests = [getattr(termios, name) for name in REQUESTS.split()]
        for request in (*requests, *REQUESTS_BY_NUMBER):
            wanted = seccomp.Arg(1, seccomp.MASKED_EQ, REQUEST_MASK, request)
            rule(seccomp.ALLOW, "ioctl", wanted)
        rule(seccomp.ALLOW, PAIRS)
        rule(
            seccomp.ALLOW,
            "socketpair",
            local,
            seccomp.Arg(1, seccomp.MASKED_EQ, SOCK_TYPE_MASK, socket.SOCK_STREAM),
        )
        if linux.landlock_version() < LANDLOCK_TRUNCATES:
            always -= {"open", "openat", "openat2", "truncate"}
            rule(seccomp.ERRNO(errno.ENOSYS), "openat2")  # makes programs use openat
            for name, place in (("open", 1), ("openat", 2)):  # where the flags are
                rule(seccomp.ALLOW, name, seccomp.Arg(place, seccomp.MASKED_EQ, os.O_TRUNC, 0))
                for mode in (os.O_WRONLY, os.O_RDWR):  # which Landlock checks
                    checked = seccomp.Arg(place, seccomp.MASKED_EQ, os.O_ACCMODE, mode)
                    rule(seccomp.ALLOW, name, checked)
        if linux.landlock_version() >= LANDLOCK_SCOPES:
            rule(seccomp.ALLOW, "kill tgkill tkill")
    rule(seccomp.ALLOW, " ".join(sorted(always)))
    itself = seccomp.Arg(0, seccomp.EQ, 0)
    rules.add_rule(seccomp.ALLOW, "prlimit64", itself)
    same_namespaces = seccomp.Arg(0, seccomp.MASKED_EQ, NAMESPACES, 0)
    rules.add_rule(seccomp.ALLOW, "clone", same_namespaces)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # makes the C library use clone
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
