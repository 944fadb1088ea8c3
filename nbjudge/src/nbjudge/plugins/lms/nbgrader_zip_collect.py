"""Plug-ins for `nbgrader zip_collect`: archives from learning platforms.

nbgrader calls its plug-in for one file at a time, merges several attempts of a student, deletes
earlier collections, and trusts a submitted `timestamp.txt`. Therefore the plug-in below collects
all files itself, as soon as nbgrader has unpacked them.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Enum

from nbjudge.course.dates import course_zone
from nbjudge.course.folders import folder_of
from nbjudge.course.loading import check_settings
from nbjudge.course.outcome import listed, printable
from nbjudge.course.times import TIMESTAMP
from nbjudge.plugins.lms.collected_names import write_left_out
from nbjudge.plugins.lms.collecting import collect
from nbjudge.plugins.lms.platforms import ARCHIVES, EXPECTED, either
from nbjudge.plugins.lms.unpacking import copy_or_unpack
from nbjudge.plugins.standings.reading import describe_missing


class LmsExtractor(ExtractorPlugin):  # type: ignore[misc]
    """Unpacks the archives in a folder, but not the zips that students have submitted."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack the downloaded files; called by nbgrader.

        Parameters
        ----------
        archive_path
            Folder of downloads.
        extracted_path
            Target folder.
        """
        self.left_out = copy_or_unpack(Path(archive_path), Path(extracted_path))
        for sentence in self.left_out:
            self.log.warning("Left out: %s", printable(sentence))


class LmsCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Collects submissions by the file names of learning platforms.

    If `c.FileNameCollectorPlugin.named_regexp` is set, nbgrader uses that instead.
    """

    platform = Enum(
        ("", *ARCHIVES),
        "",
        help=f"Platform of the archives: {either(ARCHIVES)}. By default, each archive's "
        "platform is the one that can read all of its file names.",
    ).tag(config=True)

    def __init__(self, **options: Any):
        super().__init__(**options)
        if isinstance(self.parent, ZipCollectApp) and not self.named_regexp:
            self.parent.process_extracted_files = self._collect_all

    def _collect_all(self) -> None:
        """Collect all unpacked files; this replaces nbgrader's method."""
        app, coursedir = self.parent, self.parent.coursedir
        name, step = coursedir.assignment_id, coursedir.submitted_directory
        unpacked = Path(app._format_collect_path(app.extracted_directory))
        replaced = Path(app._format_collect_path("replaced")) if app.force else None
        try:
            check_settings(app.config)
            zone = course_zone(app.config)
            collected = collect(unpacked, coursedir, name, zone, replaced, self.platform)
        except ValueError as error:
            app.fail("%s", error)
        self._count("collected", collected.written)
        self._count("unchanged", collected.unchanged)
        folder = folder_of(coursedir, step, "STUDENT", name)
        self._warn(
            collected.kept,
            f"not collected: another submission is in {folder}. --force replaces it and moves the "
            f"old one to {app._format_collect_path('replaced')}",
        )
        self._warn(
            collected.late,
            "marked as late by the platform, without a submission time. The work counts as late, "
            f"without a penalty. For a late penalty, write the time to {folder}/{TIMESTAMP}, for "
            "example 2026-11-02 23:59:00 UTC",
        )
        self._warn(
            [n if n == label else f"{n} ({label})" for n, label in collected.unknown.items()],
            "of students who are not in the gradebook; collected under ids derived from the names "
            "in the archive. nbjudge export returns their grades in the assignment's own file: for "
            "several students with one name or anonymous work in Moodle, the grading worksheet. To "
            "use other ids, import the class list (nbjudge students), remove these folders, and "
            "collect again with --force",
        )
        for student, candidates in collected.unsure.items():
            people = " or ".join(candidates)
            self.log.warning(
                "%s was assigned to nobody, because it may be the work of %s or of somebody else. "
                "Move %s to the right student's folder",
                printable(student),
                printable(people),
                folder_of(coursedir, step, printable(student), name),
            )
        for remark in collected.remarks:
            self.log.warning("%s", printable(remark))
        self._warn(
            collected.unnamed,
            f"not collected: the name matches no platform's pattern. Expected: {EXPECTED}",
            "file",
        )
        self._warn(
            collected.typed,
            "not collected: a text or a link that a student entered on the platform. Grade it "
            "there, or ask for a file",
            "file",
        )
        left_out = getattr(app.extractor_plugin_inst, "left_out", [])  # the course may have its own
        others = [*collected.unnamed, *collected.typed, *collected.lost]
        write_left_out(coursedir, name, [*left_out, *others])
        if not (collected.written or collected.unchanged or collected.kept):
            archives = app._format_collect_path(app.archive_directory)
            if left_out or others:
                app.fail("Nothing was collected from %s, for the reasons above", archives)
            app.fail(
                "Nothing was collected: put the downloaded archive of submissions into %s", archives
            )
        if line := describe_missing(coursedir, name):
            self.log.info("%s", line)

    def _count(self, state: str, students: Collection[str]) -> None:
        if students:
            self.log.info("%s %s: %s", len(students), state, listed(students))

    def _warn(self, names: Collection[str], what: str, noun: str = "submission") -> None:
        if names:
            number = f"{len(names)} {noun}" + ("" if len(names) == 1 else "s")
            self.log.warning("%s %s: %s", number, what, listed(names))
