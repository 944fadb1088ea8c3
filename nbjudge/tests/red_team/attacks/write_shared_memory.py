"""Shared memory, semaphores and kernel keys, which outlive processes, are left behind.

Success: any of them exists after grading.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import ctypes
        from multiprocessing import shared_memory
        libc = ctypes.CDLL(None)
        print(libc.shmget(0x5EED, 4096, 0o1666), libc.semget(0x5EED, 1, 0o1666),
              libc.msgget(0x5EED, 0o1666))
        libc.syscall(248, b"user", b"red-team-was-here", b"x", 1, -4)
        try:
            from multiprocessing import resource_tracker
            resource_tracker.register = lambda *a: None
            shared_memory.SharedMemory("red-team-was-here", create=True, size=4096)
        except OSError as error:
            print(error)
    """)
