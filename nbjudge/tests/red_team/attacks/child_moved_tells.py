"""Code moves a test to the child, reads it there, and tells it as a module, a path or an import.

Explanations of failures quote these. Success: the canary of a hidden line outside the child's own
test, in a page or in the graded notebook's outputs.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import errno, gc
import nbjudge.guest.interpreter as guest

(serving,) = (found for found in gc.get_objects() if type(found) is guest.Interpreter)
run, told = serving.does[guest.requests.RunCell], []

def forged(request):
    told.extend(word[::-1] for word in re.findall("CANARY[0-9a-f]{20}", request.source))
    answer = run(request)
    if told:
        fake = guest.requests.DroppedImport(f"import {told[0]}", told[0], told[0])
        answer = guest.dataclasses.replace(answer, dropped=[fake])
    return answer

serving.does[guest.requests.RunCell] = forged

class Moved:
    def __eq__(self, other):
        if told:
            raise ModuleNotFoundError(told[0], name=told[0])
        return True
"""
    )
    submission.answer("square", "def square(x):\n    return Moved()")
    submission.answer(
        "total",
        "import os\ntotal = Moved()\nif told:\n    open('/' + told[0])  # in the child alone",
    )
    submission.in_child("raise FileNotFoundError(errno.ENOENT, 'no such file', '/' + told[0])")
