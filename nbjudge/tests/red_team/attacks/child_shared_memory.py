"""In the child, shared memory, semaphores, queues and keys are left behind.

Success: any of them exists after grading.
"""

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import ctypes
        from multiprocessing import resource_tracker, shared_memory
        libc = ctypes.CDLL(None)
        print(libc.shmget(0x5EED, 4096, 0o1666), libc.semget(0x5EED, 1, 0o1666))
        print(libc.msgget(0x5EED, 0o1666))
        libc.syscall(248, b"user", b"red-team-was-here", b"x", 1, -4)
        resource_tracker.register = lambda *arguments: None
        try:
            shared_memory.SharedMemory("red-team-was-here", create=True, size=4096)
        except OSError as error:
            print(error)
        """,
    )
