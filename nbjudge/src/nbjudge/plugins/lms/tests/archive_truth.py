"""Collect a random hostile archive in a folder, and compare the result with the truth."""

import datetime
import json
import os
import random
import re
import shutil
import unicodedata

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nbjudge.plugins.lms.collecting import collect
from nbjudge.plugins.lms.tests.hostile_archives import (
    FIRST,
    FORMS,
    LAST,
    PLATFORMS,
    Fuzzer,
    Student,
    put,
)
from nbjudge.plugins.lms.unpacking import copy_or_unpack

LATE, TIME = "marked_late.txt", "timestamp.txt"
SHOWN = 200  # messages may cut a longer path


class Class:
    """A course whose students submit hostile archives."""

    def __init__(self, root):
        self.root = root
        self.url = f"sqlite:///{root}/gradebook.db"
        numbers = random.Random(1).sample(range(1000, 99_999), 12)
        names = [(FIRST[n % len(FIRST)], LAST[n % len(LAST)]) for n in range(12)]
        ids = [
            "ann",
            "ben",
            "cem",
            "dan",
            "eve",
            "x_ben",
            "zoe",
            "jl",
            "li_4",
            "ng",
            "8231",
            "guest",
        ]
        self.people = [
            Student(id_, first, last, number, 600_000 + n, listed=n < 10)
            for n, (id_, (first, last), number) in enumerate(zip(ids, names, numbers, strict=True))
        ]
        with Gradebook(self.url) as gradebook:
            gradebook.add_assignment("ps1")
            for one in self.people:
                if one.listed:
                    gradebook.add_student(
                        one.id,
                        first_name=one.first,
                        last_name=one.last,
                        lms_user_id=str(one.number),
                    )

    def check(self, seed, counts):
        """Collect the archive of a seed; return a sentence for each violation of the rules.

        Parameters
        ----------
        counts
            Number of events by kind, to which this archive's are added.
        """
        chance = random.Random(f"form {seed}")
        place = self.root / f"case-{seed}"
        canary = place / "outside" / "canary.txt"
        canary.parent.mkdir(parents=True)
        canary.write_text("unchanged")
        platform, form = PLATFORMS[seed % len(PLATFORMS)], chance.choice(FORMS)
        archive = Fuzzer(seed, self.people, canary.with_name("owned.txt")).archive(platform)
        course = place / "course"
        downloads, unpacked = course / "downloaded/archive", course / "downloaded/extracted"
        put(archive, downloads, form)
        unpacked.mkdir(parents=True)
        before = state(place, course)
        config = Config({"CourseDirectory": {"root": str(course), "db_url": self.url}})
        said = copy_or_unpack(downloads, unpacked)
        refused = ""
        try:
            collected = collect(unpacked, CourseDirectory(config=config), "ps1", datetime.UTC)
            said += collected.remarks + collected.unnamed + collected.typed
        except ValueError as error:
            refused = str(error)
        outcome = Outcome(archive, self.people, course, "\n".join(said), refused)
        wrong = [] if state(place, course) == before else ["a file outside the course changed"]
        wrong += outcome.violations(counts)
        shutil.rmtree(place)
        counts["archives"] += 1
        counts[f"{platform}, {form}"] += 1
        counts["uploads"] += len(archive.uploads)
        counts["archives refused"] += bool(refused)
        return [f"seed {seed} ({platform}, {form}): {text}" for text in wrong]


def state(place, course):
    """Return all that collecting must leave alone, by path."""
    ours = course / "submitted", course / "downloaded"
    return {
        str(path): os.readlink(path) if path.is_symlink() else path.is_file() and path.read_bytes()
        for path in place.rglob("*")
        if not any(path.is_relative_to(folder) for folder in ours)
    }


class Outcome:
    """Result of collecting an archive."""

    def __init__(self, archive, people, course, said, refused):
        self.archive, self.refused = archive, refused
        self.said = unicodedata.normalize("NFC", said).casefold()
        self.listed = {one.id: one for one in people if one.listed}
        root = course / "submitted"
        self.files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and path.parent != root
        }
        record = root / "collected.json"
        records = json.loads(record.read_text()) if record.exists() else []
        self.candidates = {one["student"]: one["candidates"] for one in records}
        owners = {token: upload.student.id for upload in archive.uploads for token in upload.tokens}
        self.tokens = {path: tokens_in(content) & {*owners} for path, content in self.files.items()}
        self.authors = {}
        for path, tokens in self.tokens.items():
            work = self.authors.setdefault(path.partition("/")[0], set())
            work.update(owners[token] for token in tokens)
        self.newest = {
            student.id: max(u.time for u in archive.uploads if u.student is student)
            for student in archive.students
            if any(u.student is student for u in archive.uploads)
        }

    def violations(self, counts):
        """Yield a sentence for each violation."""
        honest = [one for one in self.archive.students if not one.hostile]
        if self.refused:
            if honest and self.archive.platform != "unknown":
                yield f"refused although {honest[0].id} is honest: {self.refused}"
            if self.files:
                yield "refused, and collected"
            return
        yield from self._stolen(counts)
        yield from self._forged()
        yield from self._lost()
        for student in honest:
            if student.listed and student.id in self.newest and self.archive.platform != "unknown":
                yield from self._harmed(student, counts)

    def _stolen(self, counts):
        """Yield the work of somebody else in a student's folder."""
        by_id = {one.id: one for one in self.archive.students}
        for work, authors in self.authors.items():
            if work not in self.listed:
                counts["works under an id on no list"] += 1
                counts["of these, with the ids of candidates"] += bool(self.candidates.get(work))
                if len(authors) > 1:
                    yield f"{work}: work of {authors}"
                continue
            for author in authors - {work}:
                name = by_id[author].shown
                if self.archive.platform.startswith("moodle") and name == self.listed[work].name:
                    counts["works of students with another's full name in Moodle"] += 1
                else:
                    yield f"{work} has the work of {author}"

    def _forged(self):
        """Yield times and late marks that the platform has not written."""
        for work, authors in self.authors.items():
            if not authors:
                continue
            uploads = [u for u in self.archive.uploads if u.student.id in authors]
            time = self.files.get(f"{work}/ps1/{TIME}", b"").decode()
            kept = {*self.tokens_of(work)}
            newest = max(u.time for u in uploads if u.tokens & kept)
            times = {f"{newest:%Y-%m-%d %H:%M:%S} UTC"}
            if (self.archive.platform == "blackboard") != bool(time) or time and {time} != times:
                yield f"{work}: time {time!r}, not {times}"
            late = f"{work}/ps1/{LATE}" in self.files
            is_late = self.archive.platform == "canvas" and any(u.late for u in uploads)
            is_sure = work in self.listed and all("_" not in u.student.shown for u in uploads)
            if late != is_late and (is_late or is_sure):
                yield f"{work}: marked late: {late}, not {is_late}"
        own = {TIME, LATE}
        for path, tokens in self.tokens.items():
            if path.count("/") == 2 and path.rpartition("/")[2].lower() in own and tokens:
                yield f"{path} is a student's"

    def tokens_of(self, work):
        """Return the tokens of the files in a folder of submitted/."""
        return {
            t for path, some in self.tokens.items() if path.startswith(f"{work}/") for t in some
        }

    def _lost(self):
        """Yield uploads that are neither collected nor named in the messages."""
        kept = set().union(*self.tokens.values())
        for upload in self.archive.uploads:
            entry = upload.entry.replace("\\", "/")
            names = [entry, upload.file, entry.rpartition("/")[2]]
            names += [end for end in (TIME, LATE) if entry.lower().endswith(end)]
            shown = [
                unicodedata.normalize("NFC", name)[:SHOWN].casefold() for name in names if name
            ]
            is_named = any(name in self.said or ascii(name)[1:-1] in self.said for name in shown)
            is_old = upload.time < self.newest[upload.student.id]
            if not (upload.tokens & kept or is_named or is_old or is_junk(entry)):
                yield f"lost: {upload.entry!r} of {upload.student.id}"

    def _harmed(self, student, counts):
        """Yield what an honest student lost."""
        uploads = [
            upload
            for upload in self.archive.uploads
            if upload.student is student and upload.time == self.newest[student.id]
        ]
        expected = {token for upload in uploads for token in upload.tokens}
        plain = {path: tokens for path, tokens in self.tokens.items() if not path.endswith(".zip")}
        own = set().union(*(t for p, t in plain.items() if p.startswith(f"{student.id}/")))
        if expected <= own:
            counts["honest works in their folder"] += 1
            return
        namesakes = [one for one in self.archive.students if one.shown == student.shown]
        waiting = [work for work, ids in self.candidates.items() if student.id in ids]
        if len(namesakes) > 1 and expected <= set().union(*plain.values()) and waiting:
            counts["honest works that wait, as somebody took their author's name"] += 1
            return
        yield f"{student.id} lost {expected - own}"


def tokens_in(content):
    return set(re.findall(r"token-\d+-\d+;", content.decode("latin-1")))


def is_junk(entry):
    """True for names of files that operating systems and editors create."""
    return entry.endswith("~") or "__macosx" in entry.lower().split("/")
