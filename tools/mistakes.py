"""Print the checks that each known mistake of an exercise fails, for authors of exercises.

    python -m tools.mistakes NAME [--write]

The cases are computed from the current definition, so nothing needs to be released first. `--write`
corrects the declarations in `exercises/NAME.py`. The exit status is 1 if a mistake is not
recognized, or fails checks other than the declared ones and was not corrected.
"""

import argparse
import ast
import importlib
import inspect
import itertools
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from exercises import EXERCISES
from nbexercise.diagnosis.diagnose import judge
from tools.course import ROOT, write_if_changed

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mistakes",
        description="Print the checks that each known mistake of an exercise fails.",
    )
    parser.add_argument("name", metavar="NAME", help="name of the exercise")
    parser.add_argument(
        "--write", action="store_true", help="correct the declarations in exercises/NAME.py"
    )
    options = parser.parse_args(arguments)
    name = options.name
    if name not in EXERCISES:
        parser.error(f"unknown exercise {name!r}; choose from {', '.join(EXERCISES)}")
    exercise, case_set = EXERCISES[name], EXERCISES[name].case_set()
    unfailed, unrecognized = [check.name for check in exercise.checks], False
    undeclared: dict[str, list[str]] = {}
    for mistake in exercise.mistakes:
        verdict = judge(case_set, exercise.wrong_function(mistake))
        failed = [result.check.name for result in verdict.results if not result.passed]
        unfailed = [check for check in unfailed if check not in failed]
        print(f"{mistake.name}: {', '.join(failed) or 'no check'}")
        if set(failed) != set(mistake.fails):
            print(f"    declared: {', '.join(mistake.fails)}")
            undeclared[mistake.name] = failed
        if verdict.mistake is None or verdict.mistake.name != mistake.name:
            print("    not recognized")
            unrecognized = True
    if options.write and undeclared:
        corrected = _correct(name, undeclared)
        undeclared = {n: failed for n, failed in undeclared.items() if n not in corrected}
        for text, names in (("Corrected", corrected), ("Correct by hand", undeclared)):
            if names:
                print(f"{text} in exercises/{name}.py: {', '.join(names)}")
    if unfailed:
        print(f"Checks that no mistake fails: {', '.join(unfailed)}")
        file = f"tests/exercises/solutions/{name}.py"
        print(f"Add a wrong solution that fails them to {file}, if it has none.")
    return int(unrecognized or bool(undeclared))


def _correct(name: str, fails: Mapping[str, Sequence[str]]) -> list[str]:
    """Declare the failed checks in the exercise's file; return the names of the corrected mistakes.

    A mistake can be corrected if a call in the tuple of mistakes, such as `Mistake(...)` or
    `stride_ignored(...)`, has an argument `fails`.

    Parameters
    ----------
    fails
        Names of the failed checks by the name of the mistake.
    """
    path = ROOT / "exercises" / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    names = vars(importlib.import_module(f"exercises.{name}"))
    keywords = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword))
    tuples = (k.value for k in keywords if k.arg == "mistakes" and isinstance(k.value, ast.Tuple))
    edits = {}
    for call in (item for node in tuples for item in node.elts if isinstance(item, ast.Call)):
        mistake = eval(ast.unparse(call), names).name
        if mistake in fails and (edit := _edit(text, call, fails[mistake], names)):
            edits[mistake] = edit
    data = text.encode()
    for begin, end, new in sorted(edits.values(), reverse=True):
        data = data[:begin] + new.encode() + data[end:]
    write_if_changed(path, data)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    return [*edits]


def _edit(
    text: str, call: ast.Call, failed: Sequence[str], names: dict[str, Any]
) -> tuple[int, int, str] | None:
    """Return begin and end of the declaration in a call, in bytes, and the corrected declaration.

    Parts that are still right stay as they are. None if the call has no declaration.
    """
    parameters = inspect.signature(eval(ast.unparse(call.func), names)).parameters
    place = [*parameters].index("fails") if "fails" in parameters else len(call.args)
    nodes = [k.value for k in call.keywords if k.arg == "fails"] or call.args[place:]
    if not nodes or not failed:
        return None
    parameter = parameters.get("fails")  # absent from replace(mistake, fails=...)
    in_tuple = not parameter or parameter.kind is not inspect.Parameter.VAR_POSITIONAL
    first, last = nodes[0], nodes[0 if in_tuple else -1]
    if in_tuple:
        nodes = first.elts if isinstance(first, ast.Tuple) else [ast.Starred(first)]
    parts = {source: {*eval(f"({source},)", names)} for source in map(ast.unparse, nodes)}
    kept = [source for source, checks in parts.items() if checks <= {*failed}]
    declared = set().union(*(parts[source] for source in kept))
    constants = {v: k for k, v in names.items() if k.isupper() and isinstance(v, str)}
    kept += [constants.get(check, repr(check)) for check in failed if check not in declared]
    new = ", ".join(kept) + "," * (in_tuple and len(kept) == 1)
    lengths = map(len, text.encode().splitlines(keepends=True))
    starts = [*itertools.accumulate(lengths, initial=0)]
    begin = starts[first.lineno - 1] + first.col_offset
    end = starts[(last.end_lineno or 0) - 1] + (last.end_col_offset or 0)
    return begin, end, f"({new})" if in_tuple else new


if __name__ == "__main__":
    sys.exit(main())
