"""Test whether the checks detect every mistake: known mistakes and generic mutants.

    python -m benchmarks.checks.mutation [--seeds 3] [--exercise NAME ...] [--write]

Each function, with loops and vectorized, is changed in one place (`_mutants`), and the known
mistakes are made in the loop implementation. All of them go through the public check, graded checks
with fresh inputs, and the published results of the assignment, which are all that the published
tests compare. Undetected mutants that are not equivalent to the correct function are listed.

The exit status is 0 if no wrong function earns all points, otherwise 1.
"""

import inspect
import re
import sys

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import argument_parser, show_figures
from benchmarks._mutants import mutants
from benchmarks.checks._published import BROKEN, PUBLISHED
from exercises import EXERCISES, vectorized
from nbexercise.defining.source import function_source
from nbexercise.diagnosis.diagnose import judge
from nbexercise.judging.deciding import decide

# Mutants that are equivalent: (start of the exercise's name, pattern of "before -> after", reason).
EQUIVALENT = (
    # arithmetic, before the modes of pooling
    ("padding", r"-> (el)?if (True|mode [<>]=)", "there are three modes, VALID, SAME and FULL"),
    ("", r"axis=\(1, -2\)|axis=\(0, 1, -2\)|axis=\((1, 0, 2|0, 2, 1)\)", "the same axes"),
    ("pool", r"axis=\(2, 1\)|axis=\(5, 4\)", "the same axes in another order"),
    ("", r"shape\[-2\]", "the same axis"),
    ("", r">= np\.max|>= pixels\.max", "nothing is larger than the maximum"),
    ("", r"-> (el)?if (True|mode [<>]=)|if mode >= 'max'", "there are two modes, max and average"),
    (
        "",
        r"-> (db|biases = b)\[[^h-w]*, c\]( \+= dZ\[i, h, w, c\])?$",
        "b has shape (1, 1, 1, n_C)",
    ),
    ("", r"-> .*b\[[-0, 1]+\]$", "b has shape (1, 1, 1)"),
    ("", r"-> for . in range\(W\.shape\[.\]\):$|-> f, .* = \(W\.shape\[1\]", "filters are square"),
    ("", r"-> for . in range\(dW\.shape\[.\]\):$", "dW has the shape of W"),
    (
        "",
        r"-> (Z|A) = np\.(ones|empty)|, np\.(ones|empty)\(W\.shape(, dZ\.dtype)?\)\)$",
        "overwritten completely",
    ),
    ("pool", r"\(m, n_H, n_W, n_C_prev\)|range\(n_C_prev\):$", "pooling keeps the channels"),
    ("zero_pad", r"mode='constant'\) -> ", "the default of np.pad"),
    # transposed_conv and one_by_one
    ("conv_transpose", r"-> .*\[:, (:, :n_W_prev|:n_H_prev, :)\]", "the axis has no more entries"),
    ("conv_transpose", r"-> output_pad = .*get\('output_pad', -?1\)$", "always given"),
    (
        "conv_transpose",
        r"-> canvas = np\.zeros\(\(m, n_H \+ .*, n_W \+ .*, n_C\)\)$",
        "a larger canvas is cropped to the same size",
    ),
    ("one_by_one", r"W\[-1, 0\]|W\[0, -1\]", "W has shape (1, 1, n_C_prev, n_C)"),
    ("dense_as", r"-> (W|b)_conv = np\.(ones|empty)", "overwritten completely"),
    ("dense_as", r"-> b_conv\[[^c]*, c\] = b\[0, c\]$", "b_conv has shape (1, 1, 1, n_C)"),
    ("dense_as", r"= b\[-1, c\]$", "b has shape (1, n_C)"),
    ("dense_as", r"W\.shape\[-1\]|, -2", "the same axis, and any negative size is inferred"),
    ("conv", r"-> .*\[:, (:, :n_W|:n_H, :)\]", "the axis has no more entries"),
    # activations
    ("softmax", r"axis=-1\b", "the same axis"),
    # lenet
    ("lenet", r"reshape\(len\((X|A)\), -2\)", "any negative size is inferred"),
    ("lenet", r"Z \* \(Z >= 0\)", "where Z is 0, Z times 1 is also 0"),
    (
        "lenet_gradients",
        r"-> if layer >= 2:|2 if layer <= 1 else|caches\[layer\]\[-2\]",
        "the convolutions are layers 1 and 2",
    ),
    ("lenet", r"\(Z[1-4] >= 0\)|> 0, dZ, 0\) -> .*>= 0, dZ, 0\)", "no Z is 0"),
    ("relu", r"-> .*Z >= 0", "no array contains a 0, where ReLU has no derivative"),
    ("sigmoid", r"-> A = np\.where\(Z > 0", "1 and E are equal at 0"),
    ("sigmoid_backward", r"Z / -2\)", "the product contains both signs of half"),
)
HEADER = (
    "exercise",
    "mistakes",
    "recognized, public",
    "recognized, graded",
    "pass the published results",
    "wrong mutants",
    "pass the published results",
    "both: pass the public check",
    "both: earn all points",
)


def build(name, text):
    """Define the function of a source text, with correct versions of the other exercises."""
    space = {"np": np, **{n: inspect.unwrap(e.loops) for n, e in EXERCISES.items() if n != name}}
    space |= EXERCISES[name].given
    exec(text, space)
    return space[name]


def texts(exercise):
    """Return the correct functions to be changed."""
    return (
        function_source(exercise.loops),
        function_source(getattr(vectorized, exercise.name, exercise.loops)),
    )


def equivalent(name, mutant):
    """Return the reason why a mutant is equivalent, or ""."""
    for exercise, pattern, reason in EQUIVALENT:
        if name.startswith(exercise) and re.search(pattern, mutant.name):
            return reason
    return ""


class Count:
    """The results of one exercise's wrong functions."""

    def __init__(self, exercise, seeds):
        self.exercise, self.case_set = exercise, exercise.case_set()
        self.hidden = [exercise.case_set(seed) for seed in seeds]
        self.mistakes = self.mutants = 0
        self.named_public = self.named_graded = 0
        self.published = {"mistake": 0, "mutant": 0}
        self.public, self.graded = [], []
        self.equivalent = []

    def count(self, kind, label, function, verdicts):
        """Count a wrong function that passes checks, or the published results.

        Parameters
        ----------
        verdicts
            The public one and those of the graded checks.
        """
        name = self.exercise.name
        if name in PUBLISHED and PUBLISHED[name](function):
            self.published[kind] += 1
        if verdicts[0].passed:
            self.public.append(label)
        if any(verdict.passed for verdict in verdicts[1:]):
            self.graded.append(label)

    def mistake(self, mistake):
        """Judge a known mistake, and check that it is recognized."""
        self.mistakes += 1
        function = self.exercise.wrong_function(mistake)
        verdicts = [judge(self.case_set, function)]
        verdicts += [self.exercise.judge_on(case_set, function) for case_set in self.hidden]
        self.count("mistake", mistake.name, function, verdicts)
        named = [v.mistake is not None and v.mistake.name == mistake.name for v in verdicts]
        self.named_public += named[0]
        self.named_graded += all(named[1:])

    def mutant(self, mutant):
        """Judge a mutant; a mutant that passes all checks may be equivalent."""
        name = self.exercise.name
        try:
            function = build(name, mutant.text)
        except SyntaxError:
            return
        reason = equivalent(name, mutant)
        public = decide(self.case_set, function)
        if reason and public.passed:
            self.equivalent.append((mutant.name, reason))
            return
        self.mutants += 1
        graded = [self.exercise.decide_on(case_set, function)[0] for case_set in self.hidden]
        self.count("mutant", mutant.name, function, [public, *graded])

    def row(self):
        """Return the numbers of the table, in the order of HEADER."""
        known = self.exercise.name in PUBLISHED
        without = "cannot be run" if self.exercise.name in BROKEN else "none published"
        mistakes, mutants = self.published.values() if known else [without] * 2
        return [
            self.exercise.name,
            self.mistakes,
            self.named_public,
            self.named_graded,
            mistakes,
            self.mutants,
            mutants,
            len(self.public),
            len(self.graded),
        ]


def measure(names, seeds):
    """Judge all wrong functions of some exercises, and return a list of Count."""
    work = {name: [m for text in texts(EXERCISES[name]) for m in mutants(text)] for name in names}
    total = sum(len(work[name]) + len(EXERCISES[name].mistakes) for name in names)
    counts = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Judging wrong functions", total=total)
        for name in names:
            counts.append(count := Count(EXERCISES[name], seeds))
            for mistake in count.exercise.mistakes:
                count.mistake(mistake)
                progress.advance(task)
            for mutant in work[name]:
                count.mutant(mutant)
                progress.advance(task)
    return counts


def as_text(counts, seeds):
    """Return the table and the undetected mutants, as Markdown."""
    rows = [count.row() for count in counts]
    sums = [
        sum(n for n in column if isinstance(n, int)) for column in list(zip(*rows, strict=True))[1:]
    ]
    table = [list(HEADER), ["---", *["--:"] * (len(HEADER) - 1)], *rows, ["all", *sums]]
    lines = [f"{len(seeds)} graded checks each, NumPy {np.__version__}.", ""]
    lines += [f"| {' | '.join(map(str, row))} |" for row in table]
    left = [
        f"- {count.exercise.name}, {which}: `{label}`"
        for count in counts
        for which, labels in (("public", count.public), ("graded", count.graded))
        for label in labels
    ]
    lines += ["", "## Wrong functions that pass", "", *(left or ["None."])]
    lines += ["", "## Equivalent mutants", ""]
    for count in counts:
        lines += [f"- {count.exercise.name}: `{name}`: {why}" for name, why in count.equivalent]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Judge the wrong functions, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--seeds", type=int, default=3, help="graded checks per function [3]")
    parser.add_argument(
        "--exercise", nargs="+", default=list(EXERCISES), choices=list(EXERCISES), metavar="NAME"
    )
    options = parser.parse_args()
    seeds = range(options.seeds)
    counts = measure(options.exercise, seeds)
    text = as_text(counts, seeds)
    show_figures(__file__, text, options.write)
    sys.exit(any(count.graded for count in counts))


if __name__ == "__main__":
    main()
