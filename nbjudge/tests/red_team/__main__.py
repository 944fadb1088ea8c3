"""Run every attack and every honest oddity, and print a comparison.

    python -m tests.red_team [--engine stock|nbjudge|plugin|grade|both] [--only PATTERN,...] ...

The exit status is 1 if nbjudge lost to any of them.
"""

import argparse
import fnmatch
import re
import shlex
import sys
from pathlib import Path

from nbjudge.sandbox.levels import CHOICES
from tests.red_team import _jail
from tests.red_team._run import ENGINES, entries, harness

_STOCK = Path(__file__).with_name("stock.md")


def main() -> int:
    options = _options()
    reason = None if options.container else _jail.missing()
    if reason is not None:
        sys.exit(f"no attack is run outside a jail, and there can be none here: {reason}")
    patterns = options.only.split(",")
    wanted = [
        e for e in entries() if any(p in e.name or fnmatch.fnmatch(e.name, p) for p in patterns)
    ]
    if options.quick:
        wanted = _first_of_each_kind(wanted)
    engines = ("stock", "nbjudge") if options.engine == "both" else (options.engine,)
    found = {}
    table = _Table()
    for engine in engines:
        with harness(
            engine,
            isolation=options.isolation,
            user="same" if engine == "stock" else options.user,
            kept=options.keep,
            container=(*options.container, options.image) if options.container else (),
            say=lambda line: print(line, file=sys.stderr, flush=True),
        ) as one:
            found[engine] = {}
            for outcome in one.run(wanted):
                found[engine][outcome.entry.name] = outcome
                if engine == "stock" and options.write:
                    table.add(outcome)
    for entry in wanted:
        print(f"\n{entry.kind} {entry.name}: {entry.tries}")
        for engine, outcomes in found.items():
            print(f"    {engine + ':':9} {outcomes[entry.name]}")
    print()
    for engine, outcomes in found.items():
        for outcome in outcomes.values():
            if outcome.lost or outcome.skipped:  # repeat for truncated logs
                print(f"{outcome.entry.kind} {outcome.entry.name}: {outcome}")
        print(f"{engine}: {_totals(outcomes)}")
    return int(any(o.lost for engine in found if engine != "stock" for o in found[engine].values()))


def _options():
    parser = argparse.ArgumentParser(
        prog="python -m tests.red_team", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="nbjudge")
    parser.add_argument("--isolation", choices=CHOICES, default="full")
    parser.add_argument(
        "--container",
        type=shlex.split,
        default=[],
        metavar="COMMAND",
        help="let containers be the jails: what starts one, such as 'podman run --timeout=3000'",
    )
    parser.add_argument("--image", default="course", help="what `Containerfile` makes [course]")
    parser.add_argument("--user", choices=["same", "ordinary"], default="same", help="who grades")
    parser.add_argument(
        "--only", default="*", metavar="PATTERN,...", help="parts of names, or globs"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one attack of each kind (the first word of its name), and every honest oddity",
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the graded courses there")
    parser.add_argument("--write", action="store_true", help="write stock.md; with --engine stock")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    if options.write and options.engine not in ("stock", "both"):
        parser.error("--write needs --engine stock or both")
    return options


def _first_of_each_kind(wanted):
    first = {e.name.partition("_")[0]: e for e in reversed(wanted) if e.kind == "attack"}
    return [e for e in wanted if e.kind == "honest" or e in first.values()]


def _totals(outcomes):
    parts = []
    for kind, verb in (("attack", "attacks succeeded"), ("honest", "honest oddities lost points")):
        some = [o for o in outcomes.values() if o.entry.kind == kind]
        skipped = sum(bool(o.skipped) for o in some)
        if some:
            note = f" ({skipped} not run)" if skipped else ""
            parts.append(f"{sum(o.lost for o in some)} of {len(some)} {verb}{note}")
        if reached := sum(bool(o.of_child) for o in some):
            parts.append(f"{reached} reached the text or the points of the test in the child")
    return ", ".join(parts)


class _Table:
    """The table in stock.md, one row per entry. Rows of entries that are not run are kept."""

    def __init__(self):
        self._rows = {}
        if _STOCK.exists():
            for line in _STOCK.read_text().splitlines():
                if line.startswith("| ") and not line.startswith("| name"):
                    name, _, result = re.split(r" (?<!\\\\)\| ", line.strip("| "), maxsplit=2)
                    self._rows[name] = result

    def add(self, outcome):
        self._rows[outcome.entry.name] = _plain(str(outcome))
        _STOCK.write_text(self._text())

    def _text(self):
        lines = [
            "# What stock `nbgrader autograde` does",
            "",
            "Written by `python -m tests.red_team --engine stock --write`; with `--only` only",
            "the rows that it names are renewed. nbgrader 0.9.6.",
        ]
        for kind, title, bad in (
            ("attack", "Attacks", "SUCCEEDED"),
            ("honest", "Honest oddities", "LOST"),
        ):
            some = [e for e in entries() if e.kind == kind and e.name in self._rows]
            count = sum(self._rows[entry.name].startswith(bad) for entry in some)
            verb = "succeeded" if kind == "attack" else "lost points"
            lines += ["", f"## {title}: {count} of {len(some)} {verb}", ""]
            lines += ["| name | what it tries | stock |", "|---|---|---|"]
            for entry in some:
                lines.append(f"| {entry.name} | {_plain(entry.tries)} | {self._rows[entry.name]} |")
        return "\n".join(lines) + "\n"


def _plain(text):
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return "".join(c if c.isprintable() else "?" for c in text)[:400]


if __name__ == "__main__":
    sys.exit(main())
