"""The sheets on paper, as Chromium prints them: each begins on a new page, and nothing is cut."""

import re
import shutil
import subprocess

import pytest

from nbjudge.plugins.questions.sheets import render

from .test_answers import key

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
LONG = "x = " + " + ".join(["a_long_name"] * 40)
CODE = "\n".join(["def f():", *[f"    y = {n}" for n in range(90)], f"    {LONG}"])
# Names each element whose content is wider or higher than its box, where it would be cut.
SCRIPT = """<script>document.title = [...document.querySelectorAll("body *")].filter(
e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).display != "inline"
|| e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80)).join()
+ "checked"</script>"""
pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no chromium")


def browse(tmp_path, page, *options):
    """Run Chromium on a page, and return its output."""
    path = tmp_path / "page.html"
    path.write_bytes(page)
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/user"]
    command = [BROWSER, *fixed, *options, path.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, timeout=300).stdout.decode()


def sheets(*students, **changes):
    if "code" in changes:
        changes["numbers"] = tuple(range(1, changes["code"].count("\n") + 2))
    made = key(*students, **changes)
    return render("sheets.html", key=made, sheets=[*made.sheets.values()])


@pytest.mark.parametrize("size", ["A4", "letter"])
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="there is no pdftotext")
def test_each_sheet_begins_on_a_new_page_and_each_page_has_the_name(tmp_path, size):
    def pages(page):
        sized = page.replace(b"@page {", b"@page { size: %s;" % size.encode())
        browse(tmp_path, sized, f"--print-to-pdf={tmp_path}/page.pdf", "--no-pdf-header-footer")
        command = ["pdftotext", "-layout", f"{tmp_path}/page.pdf", "-"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return text.split("\f")[:-1]

    short = pages(sheets("ann", "ben", options=("(2, 3)", "(3, 2)", "(2, 2)")))
    long = pages(sheets("ann", "ben", code=CODE))
    assert len(short) == 2 and len(long) > 2
    for found in (short, long):
        names = [re.match(r"Name of (ann|ben) .* sheet [12]\n", page)[1] for page in found]
        assert names == sorted(names) and names.count("ann") == names.count("ben")
    assert re.search(r"a \(2, 3\) +b \(3, 2\) +c \(2, 2\)\n", short[0])


@pytest.mark.parametrize("width", [645, 680])  # pixels between the margins of letter and A4
def test_nothing_is_wider_than_the_page(tmp_path, width):
    options = ("1" * 300, "a b\n" * 9)
    page = sheets("n" * 99, code=CODE, options=options, text=LONG, setting=LONG, exercise="e" * 99)
    assert b"default-src" in page
    page = re.sub(rb"<meta http-equiv.*?>", b"", page).replace(b"</body>", SCRIPT.encode())
    shown = browse(tmp_path, page, f"--window-size={width},900", "--dump-dom")
    assert re.search("<title>(.*?)</title>", shown, re.DOTALL)[1] == "checked"
