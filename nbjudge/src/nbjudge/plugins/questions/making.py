"""Judge the reduced notebooks of a class, and choose each student's questions."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbjudge.course.assignment import Assignment
from nbjudge.course.placement import place_tests
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.course.submission import NotGradedError, SubmissionJudge
from nbjudge.engine.engine import AnyEngine
from nbjudge.errors import BoxError
from nbjudge.files import Folder
from nbjudge.plugins.questions.questions import Question, read_questions
from nbjudge.plugins.questions.reduction import reduce
from nbjudge.sandbox.box import call_in_box
from nbjudge.wire.outputs import ASK

ASKING = {ASK: "1"}  # environment of the judges
_chance = random.SystemRandom()  # no student can foresee it


@dataclass(frozen=True)
class AskedStudent:
    """All questions about a student's work, and the other functions that it uses.

    `why` says why there are no questions.
    """

    student: str
    questions: Sequence[Question] = ()
    others: str = ""
    why: str = ""


def ask_all(
    engine: AnyEngine, assignment: Assignment, students: Sequence[str], workers: int
) -> Iterator[AskedStudent]:
    """Judge the functions of students' work, and yield the questions about them, in any order.

    Nothing is saved.

    Parameters
    ----------
    engine
        Engine with the environment ASKING.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    """
    judge = SubmissionJudge(engine, assignment)
    if not assignment.is_placed:
        place_tests(engine, assignment, judge.sandbox_config, engine.capacity(workers))

    def ask(student: str) -> AskedStudent:
        try:
            return _ask(judge, student)
        except NotGradedError as error:
            return AskedStudent(student, why=str(error))
        except BoxError as error:
            return AskedStudent(student, why=f"the notebook cannot be read: {error}")

    yield from in_parallel(locked_iterator(students), ask, lambda: workers, engine.processes)


def _ask(judge: SubmissionJudge, student: str) -> AskedStudent:
    assignment = judge.assignment
    submission = judge.read(student, Path(assignment.submitted(student)))
    files, others = dict[str, bytes](), list[str]()
    for name, path in submission.chosen.items():
        content, spec = submission.folder.files[path], assignment.specs[name]
        reduced = call_in_box(reduce, content, spec)
        if reduced.refusal:
            return AskedStudent(student, why=f"ask in person: {reduced.refusal}")
        files[f"{name}.ipynb"] = reduced.notebook
        others += [reduced.others] * bool(reduced.others)
    bare = judge.submission(student, submission.place, Folder(files))
    judged = judge.run_jobs(bare, judge.jobs(bare if files else submission))
    questions, reasons = list[Question](), list[str]()
    for name, graded in judged.items():
        tests = [cell.grade_id for cell in assignment.specs[name].tests]
        asked = call_in_box(read_questions, graded.notebook, tests)
        questions += asked.questions
        moved = (f"{n} is judged in its process, as {why}" for n, why in graded.missed.items())
        reasons += [*asked.refused, *map(str, graded.faults), *moved]
    why = "; ".join(dict.fromkeys(reasons)) or "no test outside its process displays questions"
    return AskedStudent(student, questions, "\n\n".join(others), "" if questions else why)


def identity(question: Question) -> tuple[str, str, str]:
    """Return what makes two questions the same, whatever the code."""
    return question.exercise, question.kind, question.text


def choose(
    questions: Sequence[Question], number: int, used: Mapping[tuple[str, str, str], int]
) -> tuple[Question, ...]:
    """Choose questions that few students have, of as many exercises and kinds as possible.

    Parameters
    ----------
    used
        Number of students who have each question, by its identity.
    """
    chosen, rest = list[Question](), _chance.sample(questions, len(questions))
    while rest and len(chosen) < number:
        exercises, kinds = Counter(q.exercise for q in chosen), Counter(q.kind for q in chosen)
        best = min(rest, key=lambda q: (used[identity(q)], exercises[q.exercise], kinds[q.kind]))
        rest = [question for question in rest if identity(question) != identity(best)]
        chosen.append(_shuffled(best))
    return tuple(
        sorted(chosen, key=lambda question: (question.exercise, question.numbers, question.setting))
    )


def _shuffled(question: Question) -> Question:
    """Return a question with its options in random order."""
    order = _chance.sample(range(len(question.options)), len(question.options))
    return replace(
        question,
        options=tuple(question.options[number] for number in order),
        comments=tuple(question.comments[number] for number in order if question.comments),
        right=order.index(question.right),
    )
