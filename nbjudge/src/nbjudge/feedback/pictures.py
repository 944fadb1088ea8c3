"""Embed the images next to a notebook in its page, so that the page is self-contained.

File names come from students. An image is read only if it is a regular file listed in the folder,
and embedded only if its content is an image.
"""

import functools
import html
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from nbjudge.files import MAX_FILES, folded, read_file

LARGEST = 8 << 20  # bytes per image
LARGEST_OF_PAGE = 24 << 20  # bytes of all images on a page
TOO_LARGE = (
    f"is too large to be shown: the limit is {LARGEST >> 20} MB for an image and "
    f"{LARGEST_OF_PAGE >> 20} MB for all images of a page"
)
# For the HTML that `clean_html` returns: each "<" begins a tag, and attributes contain no quotes.
_LOCAL = re.compile(r'<img (?:[^<>]* )?src="(?!data:)([^"]*)"[^<>]*>')
_ALT = re.compile(r' alt="([^"]*)"')
_SVG = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:[^-]|-(?!->)){0,1000}-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*){0,5}"
    rb"<svg[\s>]"
)
_BEGINNINGS = {  # first bytes of files, by type
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.S),
    "image/svg+xml": re.compile(rb"(?:\xef\xbb\xbf)?" + _SVG.pattern),
}


def show_pictures(page: str, folder: Path) -> str:
    """Return a page with the images of a folder embedded, and a note for each unreadable image.

    Parameters
    ----------
    page
        HTML in which all content of the notebook has passed `clean_html`.
    folder
        Folder of the notebook.
    """
    if not _LOCAL.search(page):
        return page
    find, left = _Finder(_list_files(folder)), [LARGEST_OF_PAGE]

    @functools.cache  # a page may refer to the same file thousands of times, by many names
    def read(path: str) -> tuple[str, int]:
        """Return the address and the size of an image, or the reason why it is not shown and -1."""
        try:
            content = read_file(os.path.join(folder, path))
            kind = _type_of(content)
            if len(content) > min(LARGEST, LARGEST_OF_PAGE):
                return TOO_LARGE, -1
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or str(error), -1
        return f"data:{kind};base64,{b64encode(content).decode()}", len(content)

    def show(tag: re.Match[str]) -> str:
        name = unquote(html.unescape(tag[1]))
        try:
            text, size = read(find(name))
        except ValueError as error:  # no file, or several
            text, size = str(error), -1
        if size > left[0]:
            text, size = TOO_LARGE, -1
        if size < 0:
            alt = _ALT.search(tag[0])
            why = f"the file {html.escape(name)} {html.escape(text)}"
            return f"[{(alt and alt[1]) or 'image'}: {why}]"
        left[0] -= size
        return tag[0].replace(f'src="{tag[1]}"', f'src="{text}"', 1)

    return _LOCAL.sub(show, page)


def _list_files(folder: Path) -> Iterator[str]:
    """Yield the paths of the files below a folder; symbolic links to folders are not followed."""
    number = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            number += 1
            if number > MAX_FILES:
                return
            yield Path(parent, name).relative_to(folder).as_posix()


class _Finder:
    """Finds the file that a name in a student's notebook refers to.

    Case, Unicode form and folders may differ: other systems ignore case and normalize names, and
    learning platforms flatten folders.
    """

    def __init__(self, files: Iterable[str]):
        self.files = set(files)
        self.paths, self.names = dict[str, list[str]](), dict[str, list[str]]()
        for path in sorted(self.files):
            self.paths.setdefault(folded(path), []).append(path)
            self.names.setdefault(PurePosixPath(folded(path)).name, []).append(path)

    def __call__(self, name: str) -> str:
        """Return the file.

        Raises
        ------
        ValueError
            If no file or several files match.
        """
        if name in self.files:
            return name
        wanted = folded(name)
        same = self.paths.get(wanted) or self.names.get(PurePosixPath(wanted).name)
        if not same:
            raise ValueError("is missing")
        if len(same) > 1:
            raise ValueError(f"matches several files: {', '.join(same[:5])}")
        return same[0]


def _type_of(content: bytes) -> str:
    """Return the MIME type of an image, recognized by its content.

    Raises
    ------
    ValueError
        If the content is not an image that browsers show.
    """
    for kind, beginning in _BEGINNINGS.items():
        if beginning.match(content):
            return kind
    raise ValueError("is not a PNG, JPEG, GIF, WebP or SVG image, whatever its name says")
