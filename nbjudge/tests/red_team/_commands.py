"""Run the commands that show graded work to the instructor: `review`, `report` and `export code`.

`python -m tests.red_team._commands` prints a JSON object: `codes`, the exit status of each command,
or a text if it did not do its work; `review`, the active content in each student's answer, as two
graders get it; and `report`, the active content in the class report.
"""

import json
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request

from tests.red_team._course import ASSIGNMENT
from tests.red_team._jail import COURSE
from tests.red_team._render import active

_SECONDS = 90  # for a command, and for each answer of the review
_LINK = re.compile(r"(?:ana|ben): (http\S+)")


def _ask(link, path, data=None):
    request = urllib.request.Request(f"{link}{path}", method="GET" if data is None else "POST")
    request.add_header("Nbjudge-Page", secrets.token_hex(16))
    if data is not None:
        request.data = json.dumps(data).encode()
        request.add_header("Content-Type", "application/json")
        request.add_header("Origin", link.split("/", 3)[0] + "//" + link.split("/", 3)[2])
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        return json.load(answer)


def _links(process):
    """Return the links that the command prints, once it serves them."""
    links = []
    while len(links) < 2 and (line := process.stdout.readline()):
        links += _LINK.findall(line)
    return links


def _open_answers(links):
    """Return the active content of all answers, {student: [...]}; each grader opens every other."""
    found, last = {}, None
    for number in range(len(_ask(links[0], "answers")["answers"])):
        reply = _ask(links[number % 2], "answers", {"start": last, "by": 1})
        shown = reply["answer"]
        if shown is None:
            break
        last = shown["id"]
        found[shown["student"]] = active(shown["answer"])
    _ask(links[0], "requests")
    return found


def _review():
    """Return the exit status of the review, or why it failed, and the active content."""
    command = [sys.executable, "-m", "nbjudge", "review", ASSIGNMENT, "--graders", "ana,ben"]
    with subprocess.Popen(
        [*command, "--names", "--no-browser"],
        cwd=COURSE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        end = time.monotonic() + _SECONDS
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.alarm(_SECONDS)  # until it serves
        try:
            links = _links(process)
            signal.alarm(0)
            if len(links) < 2:
                return f"served nobody (after {time.monotonic() - end + _SECONDS:.0f} s)", {}
            found = _open_answers(links)
        except (OSError, ValueError) as error:
            return f"failed: {type(error).__name__}: {error}", {}
        finally:
            process.terminate()
            signal.alarm(_SECONDS)
            process.wait()
            signal.alarm(0)
    return 0, found


def _call(*arguments):
    command = [sys.executable, "-m", "nbjudge", *arguments]
    try:
        done = subprocess.run(command, cwd=COURSE, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"not finished after {_SECONDS} s"
    return done.returncode or 0


def main() -> None:
    code, review = _review()
    codes = {"review": code}
    page, folder = COURSE / "report.html", COURSE / "code"
    codes["report"] = _call("report", ASSIGNMENT, "--output", str(page))
    codes["export code"] = _call("export", "code", "--output", str(folder))
    codes = {
        name: code if code in (0, 1) or isinstance(code, str) else f"ended with {code}"
        for name, code in codes.items()
    }
    report = active(page.read_text()) if page.exists() else []
    print(json.dumps({"codes": codes, "review": review, "report": report}))


if __name__ == "__main__":
    main()
