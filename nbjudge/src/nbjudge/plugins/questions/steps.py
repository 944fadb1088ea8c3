"""The steps of `nbjudge questions`: make the sheets, and grade the answers."""

import argparse
import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.text import Text

from nbjudge.cli.console import Terminal, choose_students, count_of, plain_table, report
from nbjudge.course.assignment import Assignment
from nbjudge.course.class_remarks import describe_missing
from nbjudge.course.outcome import listed, printable
from nbjudge.course.placement import place_tests
from nbjudge.course.presenter import Presenter
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.course.submission import NotGradedError, SubmissionJudge
from nbjudge.engine.engine import Engine
from nbjudge.errors import BoxError
from nbjudge.files import Folder, inside, locked, put_file
from nbjudge.plugins.questions import sheets
from nbjudge.plugins.questions.column import write_points
from nbjudge.plugins.questions.questions import Question, read_questions
from nbjudge.plugins.questions.reduction import reduce
from nbjudge.plugins.standings.reading import read_people
from nbjudge.sandbox.box import call_in_box
from nbjudge.wire.outputs import ASK
from nbjudge.wording import as_sentence, brief

_chance = random.SystemRandom()  # no student can foresee it


def make(assignment: Assignment, options: argparse.Namespace) -> int:
    """Make the sheets that are missing, or all with --again; return the exit status."""
    folder, presenter = inside(options.output, assignment.name), Presenter(Terminal())
    students = choose_students(assignment, assignment.students(), options.student)
    with locked(folder):
        key = sheets.read_key(folder) or sheets.Key(assignment.name, options.number or 3)
        answers = folder / sheets.ANSWERS
        if options.again and key.sheets and answers.exists():
            there = sheets.read_answers(answers, key)
            if there.graded or there.unsure:
                raise ValueError(f"{answers} has answers: move it away before --again.")
        if options.number not in (None, key.number):
            if key.sheets and not (options.again and not options.student):
                raise ValueError(
                    f"The sheets in {folder} have {count_of(key.number, 'question')}: omit "
                    "--number, or replace all sheets with --again."
                )
            key = sheets.Key(assignment.name, options.number, key.last)
        wanted = [name for name in students if options.again or name not in key.sheets]
        key = _with_sheets(assignment, key, wanted, presenter)
        if not options.student:
            missing = describe_missing(assignment.coursedir, assignment.name)
            presenter.show([f"Missing: {missing}."] if missing else [])
        if key.sheets:
            sheets.write_sheets(folder, key)
    new = [name for name in wanted if name in key.sheets]
    kept = len(key.sheets) - len(new)
    presenter.say(f"{count_of(len(new), 'new sheet')} in {folder / sheets.SHEETS}, {kept} kept.")
    if new and kept:
        presenter.say(f"New, to print: {listed(new)}.")
    return presenter.status


def _with_sheets(
    assignment: Assignment, key: sheets.Key, students: list[str], presenter: Presenter
) -> sheets.Key:
    """Return the key with sheets for these students, and say who has none and why."""
    names = {person.id: person.name for person in read_people(assignment.coursedir)}
    workers = assignment.settings.count_workers(None)
    presenter.say(assignment.settings.level(assignment.coursedir)[1])
    with Engine({ASK: "1"}) as engine:
        judge = SubmissionJudge(engine, assignment)
        if not assignment.is_placed:
            place_tests(engine, assignment, judge.sandbox_config, engine.capacity(workers))
        waiting, ask = locked_iterator(students), partial(_ask, judge)
        asked = in_parallel(waiting, ask, lambda: workers, engine.processes)
        totals = {assignment.name: len(students)}
        shown = presenter.sink.track(asked, totals, lambda _: assignment.name)
        done = list(Terminal().in_lines(shown, len(students)))
    without: dict[str, list[str]] = {}  # students by reason
    for sheet, why in sorted(done, key=lambda one: one[0].student):
        if why:
            without.setdefault(as_sentence(brief(why)), []).append(sheet.student)
            continue
        others = [other for other in key.sheets.values() if other.student != sheet.student]
        used = Counter(identity(q) for other in others for q in other.questions)
        chosen = choose(sheet.questions, key.number, used)
        name = names.get(sheet.student, "")
        key = key.with_sheet(replace(sheet, name=name, questions=chosen))
    for why, unasked in without.items():
        count = count_of(len(unasked), "student")
        presenter.say(f"No questions: {count} ({listed(unasked)}): {why}", logging.ERROR)
    return key


def _ask(judge: SubmissionJudge, student: str) -> tuple[sheets.Sheet, str]:
    """Return a sheet with all questions about a student's work, and why it has none."""
    try:
        return _sheet(judge, student), ""
    except NotGradedError as error:
        return sheets.Sheet(student), str(error)
    except BoxError as error:
        return sheets.Sheet(student), f"the notebook cannot be read: {error}"


def _sheet(judge: SubmissionJudge, student: str) -> sheets.Sheet:
    """Judge the functions of a student's work, and return a sheet with all questions about it.

    Nothing is saved.

    Raises
    ------
    NotGradedError
        If there are none; the message is the reason.
    """
    assignment = judge.assignment
    submission = judge.read(student, Path(assignment.submitted(student)))
    files, others = dict[str, bytes](), list[str]()
    for name, path in submission.chosen.items():
        content, spec = submission.folder.files[path], assignment.specs[name]
        reduced = call_in_box(reduce, content, spec)
        if reduced.refusal:
            raise NotGradedError(f"ask in person: {reduced.refusal}")
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
    if not questions:
        why = "; ".join(dict.fromkeys(reasons))
        raise NotGradedError(why or "no test outside its process displays questions")
    return sheets.Sheet(student, questions=tuple(questions), others="\n\n".join(others))


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
    return tuple(sorted(chosen, key=lambda q: (q.exercise, q.numbers, q.setting)))


def _shuffled(question: Question) -> Question:
    """Return a question with its options in random order."""
    order = _chance.sample(range(len(question.options)), len(question.options))
    return replace(
        question,
        options=tuple(question.options[number] for number in order),
        comments=tuple(question.comments[number] for number in order if question.comments),
        right=order.index(question.right),
    )


def grade(assignment: Assignment, options: argparse.Namespace) -> int:
    """Grade the answers, and write the report and, with --points, the points."""
    folder, presenter = inside(options.output, assignment.name), Presenter(Terminal())
    if (key := sheets.read_key(folder)) is None:
        raise ValueError(f"There are no sheets in {folder}: make them first.")
    answers = sheets.read_answers(options.answers, key)
    table = plain_table("student", "sheet", "right", "of")
    for one in answers.graded:
        row = one.sheet.number, one.right, len(one.letters)
        table.add_row(Text(printable(one.sheet.student)), *map(str, row))
    report.print(table)
    left = [f"Left to a person: {as_sentence(text)}" for text in answers.unsure]
    presenter.show(left, logging.ERROR, is_whole=True)
    if answers.empty:
        presenter.say(f"Without answers, so not graded: {listed(answers.empty)}.")
    kinds = sheets.count(answers.graded)
    page = sheets.render(sheets.REPORT, key=key, answers=answers, kinds=kinds)
    put_file(folder / sheets.REPORT, page, sheets.PRIVATE)
    presenter.say(f"Wrote {folder / sheets.REPORT}: {count_of(len(answers.graded), 'sheet')}.")
    if options.points:
        name = write_points(assignment, answers.graded, options.points)
        presenter.say(f"The points are in the gradebook, as {name}.")
    return presenter.status
