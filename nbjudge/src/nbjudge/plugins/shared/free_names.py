"""Give each file of a folder a path of its own."""

import os
import re

from nbjudge.files import folded


class FreeNames:
    """Assigns a unique path to each file of a folder, also on systems that ignore case."""

    def __init__(self) -> None:
        self._files, self._folders = set[str](), set[str]()
        self._numbers: dict[str, int] = {}  # the last number given, by the first part of a path

    def take(self, path: str) -> str:
        """Return the path, with a number in its first part if another file or folder is there.

        Names that differ only in case or Unicode form are equal.
        """
        first, slash, rest = path.partition("/")
        stem, ending = os.path.splitext(first)
        key, free = folded(first), path
        number = self._numbers.get(key, 1)
        while not self._is_free(free):
            free = f"{stem}-{number}{ending}{slash}{rest}"
            self._numbers[key], number = number, number + 1
        self._files.add(folded(free))
        self._folders.update(_parents(folded(free)))
        return free

    def _is_free(self, path: str) -> bool:
        name = folded(path)
        is_taken = name in self._files or name in self._folders
        return not is_taken and self._files.isdisjoint(_parents(name))


def _parents(path: str) -> list[str]:
    return [path[: match.start()] for match in re.finditer("/", path)]
