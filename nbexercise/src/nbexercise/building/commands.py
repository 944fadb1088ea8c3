"""The command `nbexercise`: new, check, try and mistakes."""

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..defining.authoring import Definition, DefinitionError
from ..defining.stored import public_case_set
from ..diagnosis.explanation import explain
from ..judging.wording import wrapped
from ..showing.text import describe
from .folder import course_root, exercise_named, names_in
from .last_year import propose
from .new import NotEmptyError, create
from .proving import SEEDS, Proof, prove

__all__ = ["function_in", "main"]

LABEL = 46  # characters of the name of a function in a table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    os.environ.setdefault("MPLBACKEND", "agg")
    parser = argparse.ArgumentParser(prog="nbexercise", description="Exercises with checks.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="create a course with one exercise")
    new.add_argument("folder", type=Path)
    check = commands.add_parser("check", help="judge the solution, mistakes and mutants")
    check.add_argument("names", nargs="*", metavar="NAME", help="exercises; by default all")
    attempt = commands.add_parser("try", help="show what a student would see")
    attempt.add_argument("name", metavar="NAME")
    attempt.add_argument("files", nargs="+", type=Path, metavar="FILE", help="with the function")
    found = commands.add_parser("mistakes", help="propose mistakes from notebooks of students")
    found.add_argument("name", metavar="NAME")
    found.add_argument("folder", type=Path, help="such as submitted/ of last year")
    options = parser.parse_args(arguments)
    try:
        if options.command == "new":
            return _new(options.folder)
        if options.command == "check":
            return _check(options.names)
        if options.command == "try":
            return _try(options.name, options.files)
        return propose(options.name, options.folder)
    except (DefinitionError, FileNotFoundError, NotEmptyError) as error:
        print(f"nbexercise: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has ended; Python flushes once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _new(folder: Path) -> int:
    for path in create(folder):
        print(path)
    print(
        f"\nNext: cd {folder}; nbexercise check; nbgrader generate_assignment ps1. "
        "Then open release/ps1/ps1.ipynb."
    )
    return 0


def _check(names: Sequence[str]) -> int:
    root = course_root()
    if not names and not names_in(root):
        raise FileNotFoundError(f"expected checks/NAME.py in {root}, got none; write one")
    status = 0
    for name in names or names_in(root):
        try:
            proof = prove(exercise_named(name, root))
        except DefinitionError as error:
            proof = Proof(name, problems=[str(error)])
        print(_table(proof), end="\n\n", flush=True)
        status |= bool(proof.problems)
    print("Some exercises are not ready." if status else "All exercises are ready.")
    return status


def _table(proof: Proof) -> str:
    lines = [f"{proof.name}: {proof.points:g} points, a check takes {proof.seconds:.2f} s"]
    if not proof.rows:
        lines = [proof.name]
    for row in proof.rows:
        label = row.function if len(row.function) <= LABEL else f"{row.function[: LABEL - 4]} ..."
        fails = f"fails {', '.join(row.fails)}" if row.fails else ""
        named = {"": "", "yes": "; named", "no": "; not named"}.get(row.named, f"; {row.named}")
        line = f"  {label:<{LABEL}}  {row.points:>4g} of {proof.points:<4g}  {fails}{named}"
        lines.append(line.rstrip())
    lines += [f"  PROBLEM: {problem}" for problem in proof.problems]
    lines += [f"  note: {remark}" for remark in proof.remarks]
    return "\n".join(lines)


def _try(name: str, files: Sequence[Path]) -> int:
    definition = exercise_named(name)
    exercise = definition.exercise
    try:
        case_set = public_case_set(exercise)
    except (TypeError, ValueError) as error:
        raise definition.located(error) from None
    for file in files:
        function = function_in(file, definition)
        diagnosis = exercise.judge_on(case_set, function)
        print(f"--- {file}\n" * (len(files) > 1), end="")
        print(wrapped(describe(explain(diagnosis))))
        print(f"\n{diagnosis.points:g} of {exercise.points:g} points", flush=True)
        if diagnosis.passed:
            graded = [exercise.judge(function, seed).points for seed in range(SEEDS)]
            if min(graded) < exercise.points:
                print(
                    f"but only {min(graded):g} in a graded cell, with some of {SEEDS} other seeds"
                )
    return 0


def function_in(file: Path, definition: Definition) -> Any:
    """Return the function of an exercise that a file defines, with the modules of its definition.

    Raises
    ------
    DefinitionError
        If the file does not run, or defines no such function.
    """
    if not file.is_file():
        raise FileNotFoundError(f"expected a Python file with {definition.name}, got {file}")
    # The function's source is read through its module.
    spec = importlib.util.spec_from_file_location("_tried", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    own = getattr(definition.function, "__globals__", {})
    vars(module).update({k: v for k, v in own.items() if not k.startswith("__")})
    vars(module).pop(definition.name, None)
    sys.modules["_tried"] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise DefinitionError(
            f"{file}: expected Python code that runs, got {type(error).__name__}: {error}"
        ) from None
    if not hasattr(module, definition.name):
        raise DefinitionError(f"{file}: expected a function {definition.name}, got none")
    return getattr(module, definition.name)
