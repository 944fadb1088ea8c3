"""The steps of `nbjudge questions`: make the sheets, and grade the answers."""

import argparse
import logging
from collections import Counter

from rich.text import Text

from nbjudge.cli.console import Terminal, choose_students, count_of, plain_table, report
from nbjudge.course.assignment import Assignment
from nbjudge.course.class_remarks import describe_missing
from nbjudge.course.outcome import listed, printable
from nbjudge.course.presenter import Presenter
from nbjudge.engine.engine import Engine
from nbjudge.files import inside, locked, put_file
from nbjudge.plugins.questions import sheets
from nbjudge.plugins.questions.answers import count, read_answers
from nbjudge.plugins.questions.column import write_points
from nbjudge.plugins.questions.making import ASKING, ask_all, choose, identity
from nbjudge.plugins.standings.reading import read_people
from nbjudge.wording import as_sentence, brief


def make(assignment: Assignment, options: argparse.Namespace) -> int:
    """Make the sheets that are missing, or all with --again; return the exit status."""
    folder, presenter = inside(options.output, assignment.name), Presenter(Terminal())
    students = choose_students(assignment, assignment.students(), options.student)
    with locked(folder):
        key = sheets.read_key(folder) or sheets.Key(assignment.name, options.number or 3)
        answers = folder / sheets.ANSWERS
        if options.again and key.sheets and answers.exists():
            there = read_answers(answers, key)
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
    with Engine(ASKING) as engine:
        asked = ask_all(engine, assignment, students, workers)
        totals = {assignment.name: len(students)}
        done = list(presenter.sink.track(asked, totals, lambda _: assignment.name))
    for one in sorted(done, key=lambda one: one.student):
        if one.why:
            work = f"{assignment.name} of {one.student}"
            presenter.say(f"No questions: {work}: {as_sentence(brief(one.why))}", logging.ERROR)
            continue
        others = [sheet for sheet in key.sheets.values() if sheet.student != one.student]
        used = Counter(identity(q) for sheet in others for q in sheet.questions)
        questions = choose(one.questions, key.number, used)
        key = key.with_sheet(one.student, names.get(one.student, ""), questions, one.others)
    return key


def grade(assignment: Assignment, options: argparse.Namespace) -> int:
    """Grade the answers, and write the report and, with --points, the points."""
    folder, presenter = inside(options.output, assignment.name), Presenter(Terminal())
    if (key := sheets.read_key(folder)) is None:
        raise ValueError(f"There are no sheets in {folder}: make them first.")
    answers = read_answers(options.answers, key)
    table = plain_table("student", "sheet", "right", "of")
    for one in answers.graded:
        row = one.sheet.number, one.right, len(one.letters)
        table.add_row(Text(printable(one.sheet.student)), *map(str, row))
    report.print(table)
    left = [f"Left to a person: {as_sentence(text)}" for text in answers.unsure]
    presenter.show(left, logging.ERROR, is_whole=True)
    if answers.empty:
        presenter.say(f"Without answers, so not graded: {listed(answers.empty)}.")
    page = sheets.render(sheets.REPORT, key=key, answers=answers, kinds=count(answers.graded))
    put_file(folder / sheets.REPORT, page, sheets.PRIVATE)
    presenter.say(f"Wrote {folder / sheets.REPORT}: {count_of(len(answers.graded), 'sheet')}.")
    if options.points:
        name = write_points(assignment, answers.graded, options.points)
        presenter.say(f"The points are in the gradebook, as {name}.")
    return presenter.status
