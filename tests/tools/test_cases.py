"""The release stores the cases of each exercise, and deletes those of exercises that are gone."""

from tools import release


def test_only_case_sets_of_exercises_that_are_gone_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "EXERCISES", {"relu": release.EXERCISES["relu"]})
    folder = tmp_path / "public_tests" / "cases"
    (folder / "notes").mkdir(parents=True)
    for name in ("gone.cases", "relu.cases", "README.md"):
        (folder / name).write_bytes(b"")
    release.build_cases(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"notes", "relu.cases", "README.md"}
    assert (folder / "relu.cases").stat().st_size > 0
