"""Process 1 of the jail: grade one class and report the observations.

The specification (JSON) names the engine, and the students with their attacks. Results go to the
folder shared with the outside: `built` holds the course for later jails, `report.json` the
observations.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import nbformat

from tests.red_team import _course, _deliveries, _observe
from tests.red_team._course import ASSIGNMENT, RIGHT
from tests.red_team._jail import COURSE, EXCHANGE, HOME, KEPT, REPOSITORY, SPECIFICATION
from tests.red_team.declared import declared
from tests.red_team.submission import MARK, SubmissionDraft

PORT = 8765
RESULTS = KEPT / "results.json"  # of `nbjudge grade`
_MUCH_MEMORY = 3 << 30  # bytes; above this, memory is measured more accurately
_MOST_MEMORY = 10 << 30  # bytes; above this, everything is killed to save the machine
_MOST_PROCESSES = 1500
# Limits are low, so that a class of bombs does not take hours.
_NBJUDGE = """
import nbjudge

nbjudge.configure(c)
c.NbJudge.cell_seconds = 5
c.NbJudge.test_seconds = 7
c.NbJudge.submission_seconds = 90
c.NbJudge.memory = 1024
"""
# A cell of each honest neighbor, which reveals what other students left behind.
_PROBE = f'''
import glob, os, sys
mark = "{MARK[::-1]}"[::-1]
places = ["/tmp/*", "/dev/shm/*", "/var/tmp/*", "*", os.path.expanduser("~/*"), "/tmp/submission/*"]
names = [name for place in places for name in glob.glob(place, include_hidden=True)]
names += [*os.environ, *sys.modules, *os.environ.values()]
print("left by others:", [name for name in names if mark in name or mark.replace("-", "_") in name])
print("as ever:", abs(-4), len([1, 2]), np.allclose(1, 2), isinstance(1, str))
'''
# The test that is judged in the child calls this, and its output is shown there.
_PROBE_IN_CHILD = f"""

class Vector(Vector):
    def __add__(self, other):
{textwrap.indent(_PROBE, " " * 8)}
        return super().__add__(other)
"""


def main() -> None:
    specification = json.loads(SPECIFICATION.read_text())
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if specification["task"] == "build":
        _course.build(specification["canaries"])
        for path in (COURSE, EXCHANGE, HOME):
            shutil.copytree(path, KEPT / "built" / path.name, symlinks=True)
        return
    report = _run(specification)
    (KEPT / "report.json").write_text(json.dumps(report))
    if specification["keep"]:
        subprocess.run(["cp", "-a", COURSE, KEPT / "course"], check=False)


def _run(specification):
    for path in (COURSE, EXCHANGE, HOME):
        shutil.copytree(KEPT / "built" / path.name, path, symlinks=True, dirs_exist_ok=True)
    words = specification["canaries"]
    if specification["engine"] != "stock":
        with (COURSE / "nbgrader_config.py").open("a") as file:
            file.write(_NBJUDGE)
    delivery = tuple(specification["delivery"])
    written, failures = _write_submissions(specification["students"], delivery, words)
    students = [one["student"] for one in written]
    contacts = _listen(words["network"])
    rows = _observe.gradebook_rows()
    queues = _observe.message_queues()
    watch = _Watch()
    watch.start()
    commands, strange, effects = [], [], []
    if delivery and delivery != _deliveries.GRADE:
        commands, strange = _collect(specification)
        honest = {o["student"]: o["notebook"] for o in written if o["kind"] == "neighbor"}
        effects = _deliveries.effects(delivery, COURSE / "submitted", honest)
    before = _observe.snapshot()
    own = _observe.own_results([*students, *os.listdir(COURSE / "submitted")])
    if specification["engine"] == "grade":
        own.append(str(_observe.PAGES))

    began = time.monotonic()
    results = commands + _engine(specification)
    seconds = time.monotonic() - began

    alive = _left_alive()
    watch.stop.set()
    _kill_everybody()
    report = {
        "seconds": round(seconds, 1),
        "not_built": failures,
        "alive": alive,
        "contacts": contacts,
        "most_memory": watch.memory,
        "most_processes": watch.processes,
        "killed": watch.killed,
        "engine": results,
        "delivery": effects,
        "queues": _observe.message_queues() != queues,
    }
    after = _observe.snapshot()
    report["changed"] = strange + _observe.changes(before, after, own)
    try:
        report["rows"] = [k for k, v in _observe.gradebook_rows().items() if rows.get(k) != v]
        points = _observe.grades(RESULTS if RESULTS.exists() else None)
        moved = _observe.moved(RESULTS if RESULTS.exists() else None)
    except Exception as error:
        report["rows"] = [f"the gradebook cannot be read: {error}"]
        points = moved = {}
    report["placement"] = _observe.placement()
    folders = set(os.listdir(COURSE / "submitted"))  # uncertain work has ids of its own
    report["invented"] = sorted(set(points) - set(students) - folders - {_course.PREVIOUS})
    pages = _pages(students)
    shown = _commands() if specification["engine"] in ("nbjudge", "plugin") else {}
    report["class_report"] = shown.get("report", [])
    report["engine"] += [
        {"command": f"nbjudge {name}", "code": code}
        for name, code in shown.get("codes", {}).items()
    ]
    for student, found in shown.get("review", {}).items():
        pages.setdefault(student, {})["review"] = found
    report["students"] = {
        one["name"]: {
            "points": points.get(one["student"], {}),
            "moved": moved.get(one["student"], []),
            "leaks": _observe.leaks(one["student"], words),
            "reports": _observe.reports(one["student"]),
            "marked": _observe.marked(one["student"]),
            "outputs": _observe.outputs_of(one["student"]) if one["kind"] == "neighbor" else None,
            "feedback": bool(list((COURSE / "feedback" / one["student"]).glob("*/*.html"))),
            "pages": pages.get(one["student"], {}),
        }
        for one in written
    }
    return report


# -------------------------------------------------------------------------------------- submissions


def _write_submissions(wanted, delivery, words):
    """Write all submissions; return those written, and the errors of the others by name."""
    students = [(one["student"], one["kind"] == "attack") for one in wanted]
    people = _deliveries.people(students if delivery else [])
    released = COURSE / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    released = nbformat.read(released, as_version=4)
    neighbor = next(one["student"] for one in wanted if one["kind"] == "neighbor")
    written, failures = [], {}
    for one in wanted:
        submission = SubmissionDraft(one["student"], released, RIGHT, neighbor)
        try:
            if one["kind"] == "neighbor":
                submission.solve()
                submission.cell("vector").source += _PROBE_IN_CHILD
                submission.cell("essay").source += f"\n\n{words['neighbor']}"
                submission.add(_PROBE)
            elif one["kind"] == "honest":
                submission.solve()
                declared()["honest", one["name"]].change(submission)
            elif one["kind"] == "attack" and not delivery:
                declared()["attack", one["name"]].change(submission)
            if delivery:
                written.append(one | {"notebook": submission.content()})
                continue
            submission.write(COURSE / "submitted", ASSIGNMENT)
            for name, content in submission.mails.items():
                (COURSE / "regrade_requests").mkdir(exist_ok=True)
                (COURSE / "regrade_requests" / name).write_bytes(content)
        except Exception as error:
            failures[one["name"]] = f"{type(error).__name__}: {error}"
            folder = COURSE / "submitted" / submission.student
            if not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
            continue
        written.append(one | {"student": submission.student})
    if delivery:
        notebooks = {one["name"]: one["notebook"] for one in written}
        paths = _deliveries.write(delivery, people, notebooks, COURSE, ASSIGNMENT)
        written = [one | {"student": paths[one["name"]]} for one in written]
        _add_students(people)
    return written, failures


def _add_students(people):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{COURSE}/gradebook.db", "red_team") as gradebook:
        for one in people:
            gradebook.update_or_create_student(
                one.id, first_name=one.first, last_name=one.last, lms_user_id=str(one.number)
            )


# --------------------------------------------------------------------------------------- the engine


def _collect(specification):
    """Collect the class from its archive; return the command's result, and what it changed."""
    before = _observe.snapshot()
    command = ["-m", "nbgrader", "zip_collect", ASSIGNMENT]
    result = _call(command, _environment(specification), specification["seconds"])
    own = [f"{COURSE}/{name}" for name in ("submitted", f"downloaded/{ASSIGNMENT}/extracted")]
    return [result], _observe.changes(before, _observe.snapshot(), own)


def _environment(specification):
    token = specification["canaries"]["environment"]
    return os.environ | {"GRADER_TOKEN": token}


def _engine(specification):
    """Grade, then generate the feedback pages; return the result of each command.

    `nbjudge grade` writes pages itself, but no graded notebooks: its results take their place.
    """
    environment = _environment(specification)
    command = {
        "stock": ["-m", "nbgrader", "autograde", ASSIGNMENT],
        "plugin": ["-m", "nbgrader", "autograde", ASSIGNMENT],
        "nbjudge": ["-m", "nbjudge", "autograde", ASSIGNMENT],
        "grade": ["-m", "nbjudge", "grade", "--json", "--html", str(_observe.PAGES)],
    }[specification["engine"]]
    if specification["engine"] in ("nbjudge", "grade") and specification["isolation"]:
        command += ["--isolation", specification["isolation"]]
    if specification["engine"] == "grade":
        names = sorted(os.listdir(COURSE / "submitted"))  # as the class of `nbjudge autograde`
        end = "" if specification["delivery"] else f"/{ASSIGNMENT}"
        folders = (f"submitted/{name}{end}" for name in names)
        command += filter(lambda path: os.path.lexists(COURSE / path), folders)
        result = _call(command, environment, specification["seconds"], RESULTS)
        _observe.lay_out(RESULTS)
        return [result]
    results = []
    for arguments in (command, ["-m", "nbgrader", "generate_feedback", ASSIGNMENT]):
        results.append(_call(arguments, environment, specification["seconds"]))
    return results


def _call(arguments, environment, seconds, output=None):
    """Run a command; output: file for its stdout, or None for the log."""
    log = KEPT / f"{arguments[1]} {arguments[2]}.log"
    with log.open("wb") as file, (output or log).open("ab") as stdout:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=COURSE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout if output else file,
            stderr=file,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = f"not finished after {seconds} s"
            process.kill()
            process.wait()
    said = log.read_bytes()[-3000:].decode(errors="replace")
    return {"command": " ".join(arguments[1:]), "code": code, "said": said}


class _Watch(threading.Thread):
    """Samples memory use and the number of processes, and kills everything at a limit."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.memory = self.processes = 0
        self.killed = None

    def run(self):
        while not self.stop.wait(0.1):
            memory, count = _use()
            self.memory, self.processes = max(self.memory, memory), max(self.processes, count)
            if memory > _MOST_MEMORY or count > _MOST_PROCESSES:
                self.killed = f"everything was killed at {memory >> 20} MB, {count} processes"
                os.kill(-1, signal.SIGKILL)


def _use():
    """Return the memory use in bytes and the number of threads of all processes."""
    names = [name for name in os.listdir("/proc") if name.isdigit()]
    memory = count = 0
    for name in names:
        with suppress(OSError, ValueError):
            _, resident, shared = Path(f"/proc/{name}/statm").read_text().split()[:3]
            memory += (int(resident) - int(shared)) * 4096
            about = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            count += int(about[17])
    # The sum counts memory shared by forks several times; the exact value takes longer to compute.
    if memory > _MUCH_MEMORY and count < _MOST_PROCESSES:
        memory = sum(map(_own_share, names))
    return memory, count


def _own_share(name):
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{name}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) << 10
    return 0


def _left_alive():
    """Return the processes that survive for two seconds after grading."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not _observe.processes():
            return []
        time.sleep(0.1)
    return sorted(_observe.processes())


def _kill_everybody():
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


# ----------------------------------------------------------------------------------------- network


def _listen(word):
    """Serve a canary on a port and on an abstract socket; return the list of connections."""
    contacts = []

    def serve(family, address):
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()

        def answer():
            while True:
                connection, _ = server.accept()
                contacts.append(str(address))
                with suppress(OSError), connection:
                    connection.sendall(f"HTTP/1.0 200 OK\r\n\r\n{word}\n".encode())
                    connection.shutdown(socket.SHUT_WR)

        threading.Thread(target=answer, daemon=True).start()

    serve(socket.AF_INET, ("127.0.0.1", PORT))
    serve(socket.AF_UNIX, "\0grader")
    return contacts


def _commands():
    """Return the results of the commands that show graded work."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.red_team._commands"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
    )
    if said.returncode:
        return {"codes": {"the commands": said.stderr[-500:]}}
    return json.loads(said.stdout)


def _pages(students):
    """Return the active content of each student's pages."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.red_team._render", *students],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = {one["student"]: one for one in map(json.loads, said.stdout.splitlines())}
    for student in set(students) - set(found):
        found[student] = {"failed": said.stderr[-500:]}
    return found


if __name__ == "__main__":
    main()
