"""Put the pictures that lie beside a notebook into its page, which then needs no other file.

Names of files come from students. A picture is read only if it is among the regular files that are
listed in the folder, and it becomes part of the page only if its content is that of a picture.
"""

import html
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from nbjudge.files import MAX_FILES, folded, read_file

LARGEST = 8 << 20  # bytes of a picture
LARGEST_OF_PAGE = 24 << 20  # of all pictures of a page
# In HTML that `clean_html` made, where each "<" begins a tag and attributes hold no quotes.
_LOCAL = re.compile(r'<img (?:[^<>]* )?src="(?!data:)([^"]*)"[^<>]*>')
_ALT = re.compile(r' alt="([^"]*)"')
_SVG = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:[^-]|-(?!->)){0,1000}-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*){0,5}"
    rb"<svg[\s>]"
)
_BEGINNINGS = {  # of files, by type
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.S),
    "image/svg+xml": re.compile(rb"(?:\xef\xbb\xbf)?" + _SVG.pattern),
}


def show_pictures(page: str, folder: Path) -> str:
    """Return a page with the pictures of a folder in it, and words where one cannot be shown.

    Parameters
    ----------
    page
        HTML in which all that came from a notebook has passed `clean_html`.
    folder
        Where the notebook lies.
    """
    if not _LOCAL.search(page):
        return page
    files, sizes = list(_list_files(folder)), list[int]()

    def show(tag: re.Match[str]) -> str:
        name = unquote(html.unescape(tag[1]))
        try:
            content = read_file(os.path.join(folder, _find(name, files)))
            kind = _type_of(content)
            if len(content) > min(LARGEST, LARGEST_OF_PAGE - sum(sizes)):
                raise ValueError(
                    f"is too large to be shown: a picture may have {LARGEST >> 20} MB, and all "
                    f"pictures of a page {LARGEST_OF_PAGE >> 20} MB"
                )
        except (OSError, ValueError) as error:
            why = html.escape(getattr(error, "strerror", None) or str(error))
            alt = _ALT.search(tag[0])
            return f"[{(alt and alt[1]) or 'picture'}: the file {html.escape(name)} {why}]"
        sizes.append(len(content))
        data = f"data:{kind};base64,{b64encode(content).decode()}"
        return tag[0].replace(f'src="{tag[1]}"', f'src="{data}"', 1)

    return _LOCAL.sub(show, page)


def _list_files(folder: Path) -> Iterator[str]:
    """Yield the paths of the files in a folder; links to folders are not followed."""
    number = 0
    for where, _, names in os.walk(folder):
        for name in names:
            number += 1
            if number > MAX_FILES:
                return
            yield Path(where, name).relative_to(folder).as_posix()


def _find(name: str, files: list[str]) -> str:
    """Return the file that a student's notebook calls by a name.

    Names that differ in case or in their Unicode form are the same on other systems, and learning
    platforms take files out of their folders.

    Raises
    ------
    ValueError
        There is no such file, or there are several.
    """
    if name in files:
        return name
    wanted = folded(name)
    same = [path for path in files if folded(path) == wanted]
    same = same or [p for p in files if PurePosixPath(folded(p)).name == PurePosixPath(wanted).name]
    if not same:
        raise ValueError("is missing")
    if len(same) > 1:
        raise ValueError(f"may be one of several: {', '.join(sorted(same)[:5])}")
    return same[0]


def _type_of(content: bytes) -> str:
    """Return the type of a picture by its content.

    Raises
    ------
    ValueError
        It is no picture that browsers show.
    """
    for kind, beginning in _BEGINNINGS.items():
        if beginning.match(content):
            return kind
    raise ValueError("is no PNG, JPEG, GIF, WebP or SVG picture, whatever its name")
