"""Time the grading of wrong submissions in comparison with right ones.

    python -m benchmarks.engine.wrong_submissions [--students 16] [--rounds 3] [--write]

Every student of a class submits conv_forward without figures and makes the same mistake. `nbjudge
autograde --feedback` grades the classes in turn, round by round. The start of the command is not
counted: a class of one student costs the start and one right submission.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from pathlib import Path

from rich.progress import track

from benchmarks._figures import show_figures
from benchmarks.engine.grading import NBJUDGE, console, released, run, submission

ASSIGNMENT = "conv_forward"
CLASSES = {  # the mistake, as (text, replacement)
    "right": None,
    "a known mistake": ("h * stride", "h"),
    "a mistake that one change of the code repairs": ("range(n_C)", "range(1, n_C)"),
    "an unknown mistake": ("W[:, :, :, c]", "np.sort(W, 2)[:, :, :, c]"),
}


def make_class(folder: Path, students: int, wrong: tuple[str, str] | None) -> Path:
    """Make a course in which all students submit the same notebook."""
    released(folder, ASSIGNMENT)
    source = json.loads((folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in source["cells"]}
    answer = cells[ASSIGNMENT]["source"].replace(*wrong) if wrong else cells[ASSIGNMENT]["source"]
    notebook = json.dumps(submission(source, 0, {ASSIGNMENT: answer}))
    for number in range(students):
        place = folder / "submitted" / f"student{number:04}" / ASSIGNMENT
        shutil.copytree(folder / "release" / ASSIGNMENT, place)
        (place / f"{ASSIGNMENT}.ipynb").write_text(notebook)
    return folder


def main() -> None:
    """Grade right and wrong classes, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=16, help="size of each class [16]")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds [3]")
    parser.add_argument(
        "--write", action="store_true", help="put the table in wrong_submissions.md"
    )
    options = parser.parse_args()
    command = [*NBJUDGE, "autograde", ASSIGNMENT, "--force", "--feedback"]
    with tempfile.TemporaryDirectory(prefix="wrong-") as folder:
        classes = {
            name: make_class(Path(folder) / str(number), options.students, wrong)
            for number, (name, wrong) in enumerate(CLASSES.items())
        }
        start = make_class(Path(folder) / "start", 1, None)
        found = {name: [] for name in ["start", *classes]}
        for _ in track(range(options.rounds), "Grading", console=console):
            for name, course in {"start": start, **classes}.items():
                found[name].append(run(command, course)[:2])
    medians = {
        name: [statistics.median(times) for times in zip(*all_times, strict=True)]
        for name, all_times in found.items()
    }
    # A class of one costs the start and a right submission.
    several, one = options.students, medians.pop("start")
    right = [(a - b) / (several - 1) for a, b in zip(medians["right"], one, strict=True)]
    start = [a - b for a, b in zip(one, right, strict=True)]
    each = {
        name: [(a - b) / several for a, b in zip(times, start, strict=True)]
        for name, times in medians.items()
    }
    lines = [
        f"{options.students} submissions each, {options.rounds} rounds, medians.",
        "",
        "| submissions | seconds each | processor seconds each | times a right one |",
        "|---|--:|--:|--:|",
    ]
    for name, (seconds, used) in each.items():
        lines.append(f"| {name} | {seconds:.3f} | {used:.3f} | {used / each['right'][1]:.2f} |")
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
