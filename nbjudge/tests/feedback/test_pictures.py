"""Images next to a notebook are in its page, or the page says why they are missing."""

import base64
import os

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from nbjudge.feedback import pictures
from nbjudge.feedback.outputs import show_outputs
from nbjudge.feedback.pictures import show_pictures
from nbjudge.feedback.prose import markdown
from tests.support.pages import DOT, SVG, active, notebook

PNG = base64.b64decode(DOT)
SHOWN = f'src="data:image/png;base64,{DOT}"'


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "submission"
    (place / "images").mkdir(parents=True)
    (place / "fig.png").write_bytes(PNG)
    return place


def shown(text, folder):
    """Return the HTML of Markdown text with the images of a folder."""
    return show_pictures(markdown(text), folder)


@pytest.mark.parametrize(
    "text",
    [
        "![fig](fig.png)",
        "![fig](./fig.png)",
        "![fig](images/../fig.png)",
        "![fig](files/fig.png)",
        '![fig](fig.png "a title")',
        "![fig][1]\n\n[1]: fig.png",
        "![fig]\n\n[fig]: fig.png",
        '<img src="fig.png" width="100">',
        "<p><img src=fig.png></p>",
        "[![fig](fig.png)](https://example.org)",
        "| a |\n|---|\n| ![fig](fig.png) |",
        "![fig](FIG.PNG)",
        "![fig](figures/fig.png)",
        "![fig](fig.png?raw=1)",
        '<img src="fig.png?raw=true&amp;v=2">',
        "![fig](fig.png#right)",
        "![fig](fig.png?)",
    ],
)
def test_every_way_to_name_a_picture(folder, text):
    assert SHOWN in shown(text, folder)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("my fig.png", "my%20fig.png"),
        ("my fig (1).png", "<my fig (1).png>"),
        ("\N{LATIN CAPITAL LETTER U WITH DIAERESIS}bung.png", "%C3%9Cbung.png"),
        ("U\N{COMBINING DIAERESIS}bung.png", "\N{LATIN CAPITAL LETTER U WITH DIAERESIS}bung.png"),
        ("images/fig.png", "images/fig.png"),
        ("images/fig.png", "images%2Ffig.png"),
        ("images/fig.png", "images\\fig.png"),
        ("10:30+a&b'c.jpeg", "<10:30+a&b'c.jpeg>"),
        ("why?.png", "why%3F.png"),
        ("why?.png", "why?.png"),
        ("fig #1.png", "<fig #1.png>"),
    ],
)
def test_odd_names(folder, name, address):
    (folder / "fig.png").unlink()
    (folder / name).write_bytes(PNG)
    assert SHOWN in shown(f"![fig]({address})", folder)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "jpeg"),
        (b"GIF89a" + bytes(20), "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        ((SVG % "").encode(), "svg+xml"),
        (
            b'<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg></svg>',
            "svg+xml",
        ),
    ],
)
def test_the_content_says_the_type(folder, content, kind):
    (folder / "fig.png").write_bytes(content)
    data = base64.b64encode(content).decode()
    page = shown("![fig](fig.png)", folder)
    assert f'<img src="data:image/{kind};base64,{data}" alt="fig">' in page
    assert active(page) == []


NO_PICTURES = [
    b"",
    b"<html><script>alert(1)</script></html>",
    b"%PDF-1.7",
    b"not a picture \x89PNG\r\n\x1a\n",
    b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>',
    b"<!--" + b"-" * 10_000,
]


@pytest.mark.parametrize("content", NO_PICTURES)
def test_an_invalid_image_is_reported(folder, content):
    (folder / "fig.png").write_bytes(content)
    assert shown("![a &lt;b&gt;](fig.png)", folder).strip() == (
        "<p>[a &lt;b&gt;: the file fig.png is not a PNG, JPEG, GIF, WebP or SVG image, "
        "whatever its name says]</p>"
    )


def test_missing_images_are_reported(folder):
    page = shown("![fig](other.png) and <img src='&lt;b&gt;.png'>", folder)
    assert "[fig: the file other.png is missing]" in page
    assert "[image: the file &lt;b&gt;.png is missing]" in page


def test_one_of_several_is_not_guessed(folder):
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "plot.png").write_bytes(PNG)
    page = shown("![fig](plot.png) ![fig](a/plot.png)", folder)
    assert "the file plot.png matches several files: a/plot.png, b/plot.png" in page
    assert page.count(SHOWN) == 1


def test_sizes_are_limited(folder, monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_OF_PAGE", 2 * len(PNG) + 1)
    assert shown("![fig](fig.png)" * 3, folder).count(SHOWN) == 2
    monkeypatch.setattr(pictures, "LARGEST", len(PNG) - 1)
    assert "the file fig.png is too large" in shown("![fig](fig.png)", folder)


ELSEWHERE = [
    "../secret.png",
    "images/../../secret.png",
    "%2e%2e/secret.png",
    "..%2Fsecret.png",
    "images/..%5C..%5Csecret.png",
    "%252e%252e/secret.png",
    "link.png",
    "inside/secret.png",
    "file:secret.png",
    "//secret.png",
    "secret.png%00.png",
    "../secret.png?raw=1",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nothing_outside_the_folder_is_read(folder, address):
    secret = folder.parent / "elsewhere" / "secret.png"
    secret.parent.mkdir()
    secret.write_bytes(PNG + b"secret")
    (folder.parent / "secret.png").write_bytes(PNG + b"secret")
    os.symlink(secret, folder / "link.png")
    os.symlink(secret.parent, folder / "inside")
    for page in (shown(f"![fig]({address})", folder), shown(f"<img src='{address}'>", folder)):
        assert "data:" not in page and "<img" not in page
        assert "[fig: " in page or "[image: " in page
    absolute = shown(f"![fig]({secret})", folder)
    assert absolute.strip() == f"<p>[fig: the file {secret} cannot be shown here]</p>"


@pytest.mark.parametrize("address", ["pipe.png", "images"])
def test_only_regular_files_are_read(folder, address):
    os.mkfifo(folder / "pipe.png")
    assert "<img" not in shown(f"![fig]({address})", folder)


def test_other_addresses_are_named_and_not_loaded(folder):
    page = shown("![fig](https://example.org/fig.png)", folder)
    assert "<img" not in page and "[fig: an image on another server" in page
    page = shown("![fig](C:\\\\Users\\\\ada\\\\fig.png)", folder)
    assert "<img" not in page and "cannot be shown here]" in page


def test_pictures_in_outputs(folder):
    outputs = [
        new_output("display_data", {"text/html": '<img src="fig.png"/>'}),
        new_output("display_data", {"text/markdown": "![fig](fig.png)"}),
    ]
    assert show_pictures(show_outputs(outputs), folder).count(SHOWN) == 2


@pytest.mark.parametrize(
    "text",
    [
        "![x](attachment:a.png)",
        "![x](attachment:a%20b.png)",
        '<img src="attachment:a.png">',
        "**bold** <img width=9 src='attachment:a.png'> text",
    ],
)
def test_attachments(text):
    attached = {"a.png": {"image/png": DOT}, "a b.png": {"image/png": [DOT]}}
    assert SHOWN in markdown(text, attached)


def test_nbgraders_interface(course):
    text = "![fig](fig.png) ![other](other.png)"
    outputs = [new_output("display_data", {"text/html": '<img src="fig.png"/>'})]
    nb = notebook(new_markdown_cell(text), new_code_cell("1", outputs=outputs))
    place = course.write(nb).parent
    (place / "fig.png").write_bytes(PNG)
    page = course.feedback(nb)
    assert page.count(SHOWN) == 2
    assert "[other: the file other.png is missing]" in page


@pytest.mark.parametrize("text", ["<!-- My answer. -->", "[1]: my-answer", "<details></details>"])
def test_text_that_a_page_would_not_show_is_shown_as_typed(course, text):
    page = course.feedback(notebook(new_markdown_cell(text), new_markdown_cell(" \n")))
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert f"<pre>{escaped}</pre>" in page
    assert page.count("<pre>") == 1


def test_thousands_of_names_are_looked_up_in_one_list_of_files(folder, monkeypatch):
    """Each name is compared with each file only once; each file is read at most once."""
    count, large = [], (pictures.LARGEST + 1) * b"x"
    for name, function in (("folded", pictures.folded), ("read_file", pictures.read_file)):
        monkeypatch.setattr(
            pictures, name, lambda *of, name=name, do=function: (count.append(name), do(*of))[1]
        )
    for number in range(300):
        (folder / f"{number}.png").write_bytes(PNG)
    (folder / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + large)
    names = [f"![p](missing{number}.png)" for number in range(500)]
    page = shown("\n".join([*names, *["![p](large.png) ![p](7.png)"] * 500]), folder)
    assert page.count("is missing") == page.count("is too large") == page.count(SHOWN) == 500
    assert count.count("folded") <= 2 * 302 + 502
    assert count.count("read_file") == 2


def test_a_file_with_thousands_of_names_is_read_once(folder, monkeypatch):
    paths, read_file = [], pictures.read_file
    monkeypatch.setattr(pictures, "read_file", lambda path: paths.append(path) or read_file(path))
    names = ["fig.png", "FIG.png", *(f"{number}/fig.png" for number in range(1_000))]
    assert shown("".join(f"![fig]({name})" for name in names), folder).count(SHOWN) == len(names)
    assert len(paths) == 1
