"""The pages that show students' work: nothing in them acts, hidden tests stay hidden.

Each payload carries its own name, and would put it into `window.pwned` in a browser. What a page
holds that could act is compared with the same page of a notebook without payloads.
"""

import base64
import json
import os
import re
import shutil
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

import nbjudge
from nbjudge.course.gradebook import Records
from nbjudge.course.nbgrader_feedback import FeedbackPage
from nbjudge.feedback import safe_html
from nbjudge.feedback.page import render
from nbjudge.notebook.spec import region_marks
from nbjudge.wire.outputs import REPORT

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAA"
    "AElFTkSuQmCC"
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">%s<rect width="40" height="40"'
    ' fill="green"/></svg>'
)


def b64(text):
    return base64.b64encode(text.encode()).decode()


# JS becomes the statement that gives the payload away, JS64 a page with it, DOT a picture.
MARKDOWN = {
    "script": "<script>JS</script>",
    "script in upper case": "<ScRiPt\n>JS</sCrIpT\t>",
    "script with a bar": "<script/x>JS</script>",
    "script in a paragraph": "text <script>JS</script> text",
    "unclosed script": "<script>JS",
    "external script": '<script src="https://example.org/PAYLOAD.js"></script>',
    "module": '<script type="module">JS</script>',
    "image error": "<img src=x onerror=JS>",
    "image error, bars": "<img/src='x'/onerror=JS>",
    "image error, no quote's end": '<img src="x" onerror="JS"" alt="',
    "quote in an attribute": "<img alt=\"'>\" src=x title='\"' onerror=JS>",
    "svg load": "<svg onload=JS></svg>",
    "svg script": "<svg><script>JS</script></svg>",
    "svg animation": '<svg><a><animate attributeName=href values="javascript:JS"/><text y=20>x</a>',
    "svg object": "<svg><foreignObject><img src=x onerror=JS></foreignObject></svg>",
    "svg use": '<svg><use href="data:image/svg+xml;base64,JS64#x"/></svg>',
    "link": "[click](javascript:JS)",
    "link in mixed case": "[click](JaVaScRiPt:JS)",
    "link with an entity": '<a href="java&#10;script:JS">click</a>',
    "link with a named entity": '<a href="javascript&colon;JS">click</a>',
    "link with a tab": '<a href="java\tscript:JS">click</a>',
    "link with a control character": '<a href="\x01javascript:JS">click</a>',
    "link under files": "[click](files/javascript:JS)",
    "link under /files": '<a href="/files/javascript:JS">click</a>',
    "automatic link": "<javascript:JS>",
    "reference": "[click][r]\n\n[r]: javascript:JS",
    "vbscript": '<a href="vbscript:JS">click</a>',
    "data page": "[click](data:text/html;base64,JS64)",
    "file of the submission": "[my report](report.html) <a href='./x.svg'>x</a>",
    "link to another scheme": "[click](blob:PAYLOAD) [click](file:///etc/passwd)",
    "link that downloads": '<a href="https://example.org" download ping="https://e.org/p">x</a>',
    "frame": '<iframe src="javascript:parent.JS"></iframe>',
    "frame with a page": '<iframe srcdoc="<script>parent.JS</script>"></iframe>',
    "frame set": '<frameset><frame src="javascript:JS"></frameset>',
    "object": '<object data="data:text/html;base64,JS64"></object>',
    "embed": '<embed src="data:image/svg+xml;base64,JS64">',
    "form": '<form action="javascript:JS"><button>click</button></form>',
    "button": '<form id=PAYLOADf></form><button form=PAYLOADf formaction="javascript:JS">',
    "focus": "<input autofocus onfocus=JS>",
    "select": "<select autofocus onfocus=JS><option>x</select>",
    "refresh": '<meta http-equiv="refresh" content="0;url=https://example.org/PAYLOAD">',
    "base": '<base href="https://example.org/PAYLOAD/">',
    "linked style": '<link rel="stylesheet" href="https://example.org/PAYLOAD.css" onerror=JS>',
    "imported style": "<style>@import 'https://example.org/PAYLOAD.css';</style>",
    "style for the page": "<style>body { display: none } input { position: fixed }</style>",
    "style with an address": '<p style="background: url(https://example.org/PAYLOAD)">x</p>',
    "style, escaped address": r'<p style="background: u\72l(https://example.org/PAYLOAD)">x</p>',
    "style, entity": '<p style="color:red&#59position:fixed;background:u&#114l(//PAYLOAD)">x</p>',
    "style that covers": '<div style="position:fixed;top:0;left:0;z-index:9;width:100%">x</div>',
    "style that moves": '<div style="margin-top:-900px">x</div>',
    "animation": "<style>@keyframes x{}</style><b style='animation:x' onanimationstart=JS>x</b>",
    "toggle": "<details open ontoggle=JS><summary>x</summary></details>",
    "body": "<body onload=JS onpageshow=JS>",
    "video": "<video><source onerror=JS></video><audio src=x onerror=JS></audio>",
    "marquee": "<marquee onstart=JS>x</marquee>",
    "popover": "<div popover id=PAYLOADp onbeforetoggle=JS>x</div>",
    "mathml": '<math href="javascript:JS"><mtext>click</mtext></math>',
    "mutation": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
    "onerror=JS&gt;'>",
    "mutation, noscript": '<noscript><p title="</noscript><img src=x onerror=JS>"></noscript>',
    "mutation, style": '<p><style><a title="</style><img src=x onerror=JS>"></p>',
    "comment": "<!--><img src=x onerror=JS>-->",
    "comment with a bang": "<!-- --!><img src=x onerror=JS> -->",
    "section": "<![CDATA[><img src=x onerror=JS>]]>",
    "instruction": "<?xml ><img src=x onerror=JS> ?>",
    "shadow": "<div><template shadowrootmode=open><img src=x onerror=JS></template></div>",
    "title": "<title><img src=x onerror=JS></title>",
    "text area": "<textarea><img src=x onerror=JS></textarea>",
    "list of options": "<datalist><option><img src=x onerror=JS></datalist>",
    "way out": "</div></div></div></td></body></html><script>JS</script>",
    "nested tag": "<scr<script>ipt>JS</scr</script>ipt>",
    "null in a tag": "<scr\x00ipt>JS</script><img src=x on\x00error=JS>",
    "heading": "# <img src=x onerror=JS> [t](javascript:JS)",
    "table": "|a|\n|-|\n|<img src=x onerror=JS>|",
    "quotation": "> <script>JS</script>",
    "picture's title": '!["onerror=JS x="](x.png \'" onerror=JS "\')',
    "picture that is a script": "![x](javascript:JS)",
    "picture that is a page": "![x](data:text/html;base64,JS64)",
    "picture from elsewhere": "![PAYLOAD](https://example.org/x.png) <img src='//e.org/x.png'>",
    "picture that logs out": "<img src='/logout'><img src='../../logout?x=.png' srcset='/logout'>",
    "picture that goes up": "<img src='a/%2e%2e/%2e%2e/x.png'> <img src='a/../../x.png'>",
    "fenced code": "```html\n<script>JS</script>\n```",
    "fenced code's language": '```"><script>JS</script>\nx\n```',
    "diagram": "```mermaid\n<img src=x onerror=JS>\n```",
    "formula": "$<img src=x onerror=JS>$ and $$</span><script>JS</script>$$",
    "formula's environment": r"\begin{align}<script>JS</script>\end{align}",
    "formula's link": r"$\href{javascript:JS}{click}$",
    "formula's style": r"$\style{position:fixed;background:url(//PAYLOAD)}{x} \class{score}{x}$",
    "formula's names": r"$\cssId{ps1}{x} \require{PAYLOAD} \unicode[//PAYLOAD]{x41}$",
    "formula's script": '<script type="math/tex">\\href{javascript:JS}{x}</script>',
    "formulas' settings": '<script type="text/x-mathjax-config">JS</script>',
    "taken id": '<div id="exercise">x</div><a name="base_url">x</a><img name="getElementById">',
    "taken class": '<div class="full-credit tabbable score">all the points</div>',
    "taken data": '<a data-link="x" data-toggle="tooltip" data-html=true title="<img src=x '
    'onerror=JS>">x</a>',
    "the rest as text": "<xmp>",
    "the rest as plain text": "<plaintext>",
}
HTML = {
    name: text
    for name, text in MARKDOWN.items()
    if not re.match(r"(link|data|reference|fenced|formula|diagram|heading|table|quot)", name)
}
DATA = {
    "javascript": {"application/javascript": "JS"},
    "svg": {"image/svg+xml": SVG % "<script>JS</script><image href='x' onerror='JS'/>"},
    "svg that is no svg": {"image/svg+xml": '"><script>JS</script>'},
    "latex": {"text/latex": r"$\href{javascript:JS}{x}$ <script>JS</script>"},
    "markdown": {"text/markdown": "[x](javascript:JS) <script>JS</script>"},
    "plain": {"text/plain": "<script>JS</script>"},
    "png that is no png": {"image/png": '"><script>JS</script>'},
    "jpeg that is no jpeg": {"image/jpeg": "x' onerror='JS"},
    "diagram": {"text/vnd.mermaid": "<script>JS</script>"},
    "own type": {"text/PAYLOAD+html": "<script>JS</script>"},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": "m</script><script>JS"}},
}
OUTPUTS = {
    "stream": new_output(
        "stream", text="<script>JS</script> \x1b[31m<img src=x onerror=JS>\x1b[0m"
    ),
    "stream's link": new_output("stream", text="\x1b]8;;javascript:JS\x07x\x1b]8;;\x07"),
    "stream's colour": new_output("stream", text='\x1b[38;2;1;1;1"onload=JS x=m<b>'),
    "error": new_output(
        "error",
        ename="<script>JS</script>",
        evalue="<img src=x onerror=JS>",
        traceback=["\x1b[31m<script>JS</script>", "<img src=x onerror=JS>"],
    ),
    "isolated": new_output(
        "display_data", {"text/html": "<script>parent.JS</script>"}, metadata={"isolated": True}
    ),
    "isolated type": new_output(
        "display_data",
        {"text/html": "<script>parent.JS</script>"},
        metadata={"text/html": {"isolated": True}},
    ),
    "width": new_output(
        "display_data", {"image/png": DOT}, metadata={"image/png": {"width": "1 onload=JS"}}
    ),
    "height, all types": new_output(
        "display_data", {"image/png": DOT}, metadata={"height": "1 onload=JS"}
    ),
    "description": new_output(
        "display_data", {"image/png": DOT}, metadata={"image/png": {"alt": '" onload=JS x="'}}
    ),
    "file name": new_output(
        "display_data", {"image/png": DOT}, metadata={"filenames": {"image/png": "/logout"}}
    ),
}
HOSTILE = {
    "title": "<script>pwned='title'</script>",
    "authors": [{"name": "<script>pwned='authors'</script>"}],
    "kernelspec": {"name": "<script>", "display_name": "<script>pwned='kernelspec'</script>"},
    "language_info": {
        "name": "<script>pwned='language'</script>",
        "pygments_lexer": "x full-credit score",
        "codemirror_mode": {"name": "<script>pwned='mode'</script>"},
    },
    "widgets": {
        "application/vnd.jupyter.widget-state+json": {
            "state": {"m</script><script>pwned='widget'": {"model_name": "</script>"}}
        }
    },
}
HOSTILE_CELL = {
    "tags": ['"><script>pwned=1</script>', "x full-credit"],
    "collapsed": True,
    "transient": {"remove_source": True},
    "name": "<script>",
    "alt": '" onload="pwned=1',
    "nbgrader": {
        "grade_id": '"><script>pwned="grade_id"</script>',
        "grade": False,
        "solution": True,
        "locked": False,
        "schema_version": 3,
    },
}
STYLED_TABLE = """<style type="text/css">
#T_a1_row0_col0, #T_a1_row1_col0 { background-color: #123456; color: #f1f1f1; }
#T_a1 th { text-align: left; }
#T_a1 .col0 { font-weight: bold; }
body { display: none; }
</style>
<table id="T_a1"><thead><tr><th class="col_heading level0 col0">A</th></tr></thead>
<tbody><tr><td id="T_a1_row0_col0" class="data row0 col0">11</td></tr>
<tr><td id="T_a1_row1_col0" class="data row1 col0">22</td></tr></tbody></table>"""
FRAME = """<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>loss</th>
</tr></thead><tbody><tr><th>epoch 1</th><td>0.693</td></tr></tbody></table></div>"""
HONEST = f"""# Heading two words

*emphasis* and **strong** and `code <b>` and ~~struck~~, x < y & z.
[link](https://example.org/a?b=1&c=2) [mail](mailto:a@example.org) [there](#Heading-two-words)

- one
- [x] done

> quotation

| left | right |
|:-----|------:|
| a    | b     |

```python
def f(x):
    return "<tag>"
```

$x < y$ and $$a & b$$ ![attached](attachment:dot.png) ![inline](data:image/png;base64,{DOT})
![file](images/dot%20two.png)

<div class="alert alert-info" style="color: blue">a note</div>"""
HONEST_PARTS = [
    "<em>emphasis</em>",
    "<strong>strong</strong>",
    "<code>code &lt;b&gt;</code>",
    "<del>struck</del>",
    "x &lt; y &amp; z",
    'href="https://example.org/a?b=1&amp;c=2"',
    'href="mailto:a@example.org"',
    'id="in-notebook-Heading-two-words"',
    'href="#in-notebook-Heading-two-words">there',
    "<li>one</li>",
    "\u2611 done",
    "<blockquote>",
    '<td style="text-align: right;">b</td>',
    '<span class="k">def</span>',
    "$x &lt; y$",
    "$$a &amp; b$$",
    f'src="data:image/png;base64,{DOT}"',
    'src="images/dot%20two.png"',
    'class="alert alert-info"',
    "color: blue",
]
HONEST_PARTS_OF = {
    "feedback": [
        '<h3 id="in-notebook-Heading-two-words">Heading two words</h3>',
        "red and bold",
        '<span class="c"># comment</span>',
    ],
    "formgrader": [
        "Heading two words<a",
        '<span class="ansi-red-fg">red</span> and <span class="ansi-bold">bold</span>',
        '<span class="c1"># comment</span>',
        "hl-ipython3",
    ],
}


def named(content, name):
    """A payload with its name in it, at any depth."""
    if isinstance(content, dict):
        return type(content)({named(k, name): named(v, name) for k, v in content.items()})
    if isinstance(content, list):
        return [named(item, name) for item in content]
    if not isinstance(content, str):
        return content
    name = re.sub(r"\W", "_", name)
    return (
        content.replace("JS64", b64(f"<script>parent.pwned='{name}'</script>"))
        .replace("JS", f"pwned='{name}'")
        .replace("PAYLOAD", name)
    )


def solution(cell, grade_id="exercise"):
    cell.metadata["nbgrader"] = {
        "grade": False,
        "grade_id": grade_id,
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    return cell


def graded(source, outputs=(), grade_id="check"):
    cell = solution(new_code_cell(source, outputs=list(outputs), execution_count=7), grade_id)
    cell.metadata.nbgrader.update(grade=True, solution=False, locked=True, points=2)
    return cell


def error(*lines, message="no"):
    return new_output("error", ename="AssertionError", evalue=message, traceback=list(lines))


def notebook(*cells, **metadata):
    cells = [solution(new_code_cell("def double(x):\n    return 2 * x")), *cells]
    cells.append(graded("assert double(2) == 4"))
    return new_notebook(cells=cells, metadata=metadata)


def hostile(**chosen):
    """A notebook of all payloads, or of those in chosen=(kind, name)."""
    cells = []
    for name, text in MARKDOWN.items():
        cells.append(new_markdown_cell(named(text, f"markdown {name}")))
    for name, text in HTML.items():
        output = new_output("execute_result", {"text/html": named(text, f"html {name}")})
        cells.append(new_code_cell(f"print({name!r})", outputs=[output]))
    for name, data in DATA.items():
        output = new_output("display_data", named(data, f"data {name}"))
        cells.append(new_code_cell("1", outputs=[output], metadata=HOSTILE_CELL))
    for name, output in OUTPUTS.items():
        cells.append(new_code_cell("2", outputs=[named(output, f"output {name}")]))
    for mime in ("text/html", ""):
        text = named("<script>JS</script><img src=x onerror=JS>", f"raw {mime}")
        cells.append(new_raw_cell(text, metadata={"raw_mimetype": mime}))
    page, drawing = "<script>pwned='attached'</script>", SVG % "<script>pwned='drawn'</script>"
    attachments = {"a": {"text/html": b64(page)}, "b": {"image/svg+xml": b64(drawing)}}
    cells.append(
        new_markdown_cell("![x](attachment:a) ![x](attachment:b)", attachments=attachments)
    )
    cells.append(new_markdown_cell("![x](attachment:missing) kept", metadata=HOSTILE_CELL))
    cells.append(new_code_cell("</script><script>pwned='source'</script>"))
    return notebook(*cells, **HOSTILE)


def honest():
    figure = new_output(
        "display_data", {"image/png": DOT}, metadata={"image/png": {"width": 31, "alt": "a dot"}}
    )
    outputs = [
        figure,
        new_output("display_data", {"image/svg+xml": SVG % ""}),
        new_output("execute_result", {"text/html": FRAME, "text/plain": "plain frame"}),
        new_output("execute_result", {"text/html": STYLED_TABLE}),
        new_output("display_data", {"text/html": "<script>draw()</script><div></div>"}),
        new_output("display_data", {"text/html": "<svg viewBox='0 0 9 9'><path d='M0 0'/></svg>"}),
        new_output("display_data", {"text/latex": "$\\frac{1}{2}$"}),
        new_output("stream", text="\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m"),
        new_output("error", ename="E", evalue="m", traceback=["\x1b[31mE\x1b[0m: m"]),
        new_output(
            "display_data", {"application/javascript": "draw()", "text/plain": "plain instead"}
        ),
    ]
    return notebook(
        new_markdown_cell(HONEST, attachments={"dot.png": {"image/png": DOT}}),
        new_code_cell("x = [1, 2]  # comment", outputs=outputs, execution_count=3),
        language_info={"name": "python", "pygments_lexer": "ipython3"},
    )


class Course:
    """A course with one student, whose autograded notebook is what a test wants."""

    def __init__(self, root):
        self.root, self.url = root, f"sqlite:///{root}/gradebook.db"

    def config(self, inert=True):
        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = self.url
        config.CourseDirectory.assignment_id = "ps1"
        if inert:
            nbjudge.configure(config)
        return config

    def write(self, nb):
        path = self.root / "autograded" / "ada" / "ps1" / "work.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, path)
        return path

    def feedback(self, nb, config=None):
        """The page that nbgrader's own converter writes."""
        self.write(nb)
        config = config or self.config()
        coursedir = CourseDirectory(config=config)
        GenerateFeedback(coursedir=coursedir, force=True, config=config).start()
        return (self.root / "feedback" / "ada" / "ps1" / "work.html").read_text("utf-8")

    def formgrader(self, nb, config=None):
        """The page that the formgrader's handler makes, from the exporter as it makes it."""
        path = self.write(nb)
        config = config or self.config()
        config.HTMLExporter.template_name = "formgrade"
        config.HTMLExporter.extra_template_basedirs = [template_path]
        resources = {
            "assignment_id": "ps1",
            "notebook_id": "work",
            "submission_id": "0123",
            "index": 0,
            "total": 1,
            "base_url": "",
            "student": "ada",
            "last_name": "O'Brien<script>pwned='name'</script>",
            "first_name": "Ada",
            "notebook_path": "autograded/ada/ps1/work.ipynb",
        }
        return HTMLExporter(config=config).from_filename(str(path), resources=resources)[0]


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """A gradebook to copy: making one takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls `alembic` by name when it makes a gradebook.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{path}") as book:
            book.add_assignment("ps1")
            book.add_notebook("work", "ps1")
            book.add_solution_cell("exercise", "work", "ps1")
            book.add_grade_cell("check", "work", "ps1", max_score=2, cell_type="code")
            book.add_task_cell("task", "work", "ps1", max_score=2, cell_type="markdown")
            for grade_id in ("exercise", "check", "task"):
                book.add_source_cell(grade_id, "work", "ps1", cell_type="code")
            book.add_student("ada")
            book.add_submission("ps1", "ada")
    return path


@pytest.fixture
def course(tmp_path, gradebook):
    shutil.copy(gradebook, tmp_path)
    return Course(tmp_path)


class Active(HTMLParser):
    """All of a page that could act, or that the formgrader's scripts would take for theirs."""

    TAGS = re.compile(
        "applet|area|audio|base|body|button|embed|form|frame|frameset|html|iframe|input|link|"
        "marquee|math|meta|noscript|object|option|plaintext|portal|script|select|source|style|svg|"
        "template|textarea|title|use|video|xmp"
    )
    NAMES = re.compile(r"(on|data-|srcdoc|srcset|form|action|ping|xlink|popover|target).*")
    VALUES = {  # the values that are fine
        "href": re.compile(r"(https?://|mailto:|#|/formgrader/).*"),
        "src": re.compile(r"(data:image/|images/dot|/formgrader/).*", re.S),
        "style": re.compile(r"(?!.*(url|position|-\d|animation)).*"),
        "class": re.compile(
            r"(?!.*\b(score|comment|full-credit|no-credit|mark-graded|tabbable|save-icon)\b).*"
        ),
    }

    def __init__(self, page):
        super().__init__()
        self.found, self.ids, self.inside = [], [], None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.inside = tag if tag in ("script", "style", "title") else None
        if self.TAGS.fullmatch(tag):
            self.found.append((tag, *sorted(attributes)))
        for name, value in attributes:
            fine = self.VALUES.get(name, re.compile(".*", re.S)).fullmatch(value or "")
            if self.NAMES.fullmatch(name) or not fine:
                self.found.append((tag, name, value))
            if name == "id":
                self.ids.append(value)

    def handle_data(self, data):
        if self.inside:
            self.found.append((self.inside, data))


def active(page):
    return Active(page).found


@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_nothing_in_a_hostile_notebook_is_active(course, kind):
    plain = notebook(new_markdown_cell("$x$"))  # for formulas the page has a script
    page, clean = (getattr(course, kind)(nb) for nb in (hostile(), plain))
    assert active(page) == active(clean)
    ids = [one for one in Active(page).ids if not one.startswith(("in-notebook-", "cell-"))]
    assert ids == [one for one in Active(clean).ids if not one.startswith("cell-")]


@pytest.mark.filterwarnings("ignore:No lexer found", "ignore:Your element with")
@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_without_it_most_payloads_are_active(course, kind):
    """That is, the test above can tell."""
    plain = hostile()
    plain.cells = [cell for cell in plain.cells if "missing" not in cell.source]
    plain.cells = [cell for cell in plain.cells if "text>" not in cell.source]
    # These make text of all that follows, to nbconvert too; Python's parser knows from 3.14 on.
    plain.cells = [cell for cell in plain.cells if not re.search("<(xmp|plaintext)>", str(cell))]
    if kind == "feedback":  # an unknown grade_id stops it
        for cell in plain.cells:
            if "<script>" in cell.metadata.get("nbgrader", {}).get("grade_id", ""):
                del cell.metadata["nbgrader"]
    page = getattr(course, kind)(plain, course.config(inert=False))
    clean = set(active(getattr(course, kind)(notebook(), course.config(inert=False))))
    assert len([one for one in active(page) if one not in clean]) > 200


@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_honest_content_is_still_there(course, kind):
    page = getattr(course, kind)(honest())
    assert active(page) == active(getattr(course, kind)(notebook(new_markdown_cell("$x$"))))
    for part in HONEST_PARTS:
        assert part in page, part
    assert 'alt="a dot"' in page
    assert 'width="31"' in page
    assert "data:image/svg+xml;base64," + b64(SVG % "") in page
    assert '<table border="1" class="dataframe">' in page
    assert "<td>0.693</td>" in page
    assert page.count("background-color: #123456; color: #f1f1f1; font-weight: bold;") == 0
    assert re.search(
        r"font-weight: bold; ?background-color: #123456; color: #f1f1f1;\"[^>]*>11", page
    )
    assert "An interactive output" in page
    assert "$\\frac{1}{2}$" in page
    assert "plain instead" in page
    for part in HONEST_PARTS_OF[kind]:
        assert part in page, part


def test_a_drawing_inside_html_stays_a_drawing(course):
    page = course.feedback(honest())
    drawing = b64(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox='0 0 9 9'><path d='M0 0'/></svg>"
    )
    assert f'alt="drawing" src="data:image/svg+xml;base64,{drawing}"' in page


def test_the_label_of_a_drawing_is_said_of_its_picture():
    clean = safe_html.clean_html
    for label in ("a cat", "3 &lt; 4 &amp; &quot;x&quot;"):
        page = clean(f'<svg aria-label="{label}" viewBox="0 0 9 9"><g aria-label="no"/></svg>')
        assert page.startswith(f'<img alt="{label}" src="data:')
    assert 'alt="drawing"' in clean('<svg viewBox="0 0 9 9"><g aria-label="no"/></svg>')


def test_the_formgraders_own_scripts_and_fields_stay(course):
    page = course.formgrader(notebook())
    for part in (
        "jquery.min.js",
        'var submission_id = "0123";',
        'onclick="toggle_name(true);"',
        'id="check"',
        'id="exercise-comment"',
        "btn btn-success full-credit",
        "O&#x27;Brien&lt;script&gt;",
    ):
        assert part in page or part.replace("&#x27;", "'") in page, part


def test_mathjax_filters_its_own_links(course):
    """Formulas are text for MathJax, so it must load with its Safe extension."""
    nb = notebook(new_markdown_cell("$x$"))
    for page in (course.feedback(nb), course.formgrader(nb)):
        assert re.search(r"mathjax/2\.7\.7/latest\.js\?config=TeX-AMS_CHTML-full,Safe\"", page)


def test_without_formulas_the_page_has_no_scripts(course):
    assert "<script" not in course.feedback(notebook(new_markdown_cell("5 \\$ and `x`")))


def test_a_missing_attachment_costs_nobody_the_page(course):
    page = course.feedback(notebook(new_markdown_cell("![x](attachment:missing.png) **kept**")))
    assert "<pre>![x](attachment:missing.png) **kept**</pre>" in page


def test_a_picture_from_elsewhere_becomes_a_link():
    assert safe_html.clean_html('<img src="https://example.org/x.png" alt="A">') == (
        '<a href="https://example.org/x.png">[A]</a>'
    )
    badge = '<a href="https://example.org"><img src="https://example.org/b.svg" alt="badge"></a>'
    assert safe_html.clean_html(badge) == '<a href="https://example.org">[badge]</a>'


@pytest.mark.parametrize("text", [*HTML.values(), HONEST, FRAME, STYLED_TABLE])
def test_cleaning_twice_is_cleaning_once(text):
    once = safe_html.clean_html(named(text, "x"))
    assert safe_html.clean_html(once) == once


def test_only_what_is_not_listed_is_left_out():
    page = safe_html.clean_html(
        '<p onclick="x" data-y="1" class="score alert" title="t">a<tag>b</tag> &amp; c</p></div>'
    )
    assert page == '<p title="t" class="alert">ab &amp; c</p>'
    assert safe_html.clean_html("<b>" * 9 + "x") == "<b>x</b>"
    assert safe_html.clean_html("a < b > c <d") == "a &lt; b &gt; c &lt;d"


def test_code_that_looks_like_an_old_link_stays_as_it_is(course):
    page = course.formgrader(notebook(new_markdown_cell("`[x](files/y.png)` ![z](files/z.png)")))
    assert "<code>[x](files/y.png)</code>" in page
    assert 'src="z.png"' in page


def test_end_tags_may_be_left_out():
    table = "<table>" + "<tr><td>1<td>2" * 100 + "</table><ul>" + "<li>x" * 100 + "</ul>"
    page = safe_html.clean_html(table)
    assert page.count("<td>2</td></tr>") == 100
    assert page.count("<li>x</li>") == 100


BOMBS = {
    "open tags": "<div>" * 40_000,
    "open letters": "<p>" + "".join(f"<b a={i}>" for i in range(5_000)) + "<p>x" * 5_000,
    "few letters": "<p>" + "".join(f"<b a={i}>" for i in range(45)) + "<p>x" * 30_000,
    "tags without end": "<a " * 40_000,
    "attributes without end": "<a b=c " * 40_000,
    "quotes without end": '<a b="' * 40_000,
    "comments": "<!--" * 40_000,
    "sheets": "<style>" * 40_000,
    "rules": "<style>" + "#a{color:red}" * 20_000 + "</style>" + "<p id=a>" * 20_000,
    "brackets in style": "<p style='" + "color:rgb(" * 20_000 + "'>",
    "brackets in a sheet": "<style>" + "{" * 40_000 + "</style>",
    "one rule for all": f"<style>{'#a,' * 20_000}#b{{{'color:red;' * 90}}}</style><p id=a>",
    "formulas": "\\\\[ a" * 40_000,
    "environments": "\\begin{a}" * 40_000,
    "lists": "\n".join("  " * i + "- a" for i in range(300)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_content_stops_the_page(course, name):
    """The limits hold; nothing asserts a time, but each of these took minutes, or gigabytes."""
    output = new_output("display_data", {"text/html": BOMBS[name]})
    page = course.formgrader(
        notebook(new_markdown_cell(BOMBS[name]), new_code_cell("1", outputs=[output]))
    )
    assert len(page) < 5_000_000
    assert "double" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>",
        "<b onclick='x'>",
        "<a href='x.html'>",
        "<p style='position: fixed;'>",
        "<i class='score'>",
        "<!-- x -->",
        "<!x>",
        "<?x>",
    ],
)
def test_the_second_gate_refuses_what_the_first_let_pass(monkeypatch, text):
    monkeypatch.setattr(
        safe_html._Tidy, "__init__", lambda self, source: setattr(self, "text", text)
    )
    assert safe_html.clean_html("<p>x</p>") == "<pre>&lt;p&gt;x&lt;/p&gt;</pre>"


def test_very_many_tags_are_shown_as_text():
    page = safe_html.clean_html("<p>x" * 60_000)
    assert page == "<pre>" + "&lt;p&gt;x" * 2_500 + "</pre>"


def test_odd_metadata_and_text_cost_nobody_the_page(course):
    """Widgets without a state, unusual metadata and half a character stop nbconvert."""
    nb = honest()
    nb.cells[1].source += " half"
    nb.metadata["widgets"] = {}
    nb.cells[2].outputs[0].metadata["image/png"] = "not a table"
    path = course.root / "autograded" / "ada" / "ps1" / "work.ipynb"
    course.write(nb)
    path.write_text(path.read_text("utf-8").replace(" half", " half \\ud83d"), "utf-8")
    nb = nbformat.read(path, as_version=4)
    assert nb.cells[1].source.endswith("\ud83d")
    course.write = lambda nb: path
    assert " half ?" in course.feedback(nb)
    assert " half ?" in course.formgrader(nb)


def test_other_exporters_are_refused():
    config = Config()
    config.NotebookExporter.preprocessors = ["nbjudge.course.nbgrader_feedback.MakeInert"]
    with pytest.raises(TypeError, match=r"c\.HTMLExporter\.preprocessors"):
        NotebookExporter(config=config).from_notebook_node(new_notebook())


def test_lists_that_were_set_before_are_kept():
    config = Config()
    config.HTMLExporter.preprocessors = ["a.B"]
    config.GenerateFeedback.preprocessors = ["c.D"]
    nbjudge.configure(config)
    assert config.HTMLExporter.preprocessors == [
        "a.B",
        "nbjudge.course.nbgrader_feedback.MakeInert",
    ]
    assert config.GenerateFeedback.preprocessors == ["c.D"]


def test_both_doors_give_the_same_bytes(course):
    """What a worker renders from the judge's notebook, and what nbgrader's converter writes."""
    with Gradebook(course.url) as book:
        grade = book.find_grade("check", "work", "ps1", "ada")
        grade.auto_score, grade.extra_credit = 1.0, 0.5
        book.find_grade("task", "work", "ps1", "ada").manual_score = 2.0
        book.find_comment("exercise", "work", "ps1", "ada").manual_comment = "*Well* done."
        book.find_submission("ps1", "ada").notebooks[0].late_submission_penalty = 0.25
        student = book.find_student("ada")
        student.first_name, student.last_name = "Ada", "Lovelace"
        book.db.commit()
    config = course.config()
    config.ClearHiddenTests.begin_test_delimeter = "VERBORGEN"
    nb = honest()
    nb.cells[-1].source += "\n# VERBORGEN\nsecret()\n### END HIDDEN TESTS"
    written = course.feedback(nb, config)
    records = Records(course.url, "", "ps1")
    try:
        about = records.about("ada")["work"]
    finally:
        records.close()
    marks, scheme = region_marks(config)
    direct = render(json.loads(json.dumps(nb)), replace(about, marks=marks, scheme=scheme))
    assert direct == written
    assert "<strong>3.25 of 4 points</strong>" in written
    assert "<em>Well</em> done." in written and "Ada Lovelace (ada)" in written
    assert "secret" not in written


def test_a_page_without_grades_says_what_to_do(course):
    course.write(notebook())
    exporter = FeedbackPage(config=course.config())
    path = str(course.root / "autograded" / "ada" / "ps1" / "work.ipynb")
    where = {"db_url": course.url, "assignment": "ps1", "notebook": "work", "student": "ben"}
    with pytest.raises(LookupError, match="no grades of ben for work in ps1: run `nbgrader auto"):
        exporter.from_filename(path, {"nbgrader": where})
    with pytest.raises(LookupError, match=r"c\.GenerateFeedback\.exporter_class"):
        exporter.from_filename(path)


def test_the_formgrader_shows_no_lines_of_data_and_no_reports(course):
    report = new_output("display_data", {REPORT: {"points": 1}})
    cell = new_code_cell(f"x = 1\ndata = '{'a' * 3000}'", outputs=[report])
    page = course.formgrader(notebook(cell))
    assert "aaaa" not in page and "a line of 3,009 characters" in page
    assert "not shown here" not in page


def test_configuring_twice_changes_nothing(course):
    config = course.config()
    nbjudge.configure(config)
    nb = honest()
    assert course.feedback(nb, config) == course.feedback(nb)


TESTS = """import numpy as np
assert double(1) == 2
### BEGIN HIDDEN TESTS
secret = 40
assert double(secret) == 80
### END HIDDEN TESTS
assert double(0) == 0"""


def page_of_tests(course, source, *outputs, config=None, cell_type="code"):
    cell = graded(source, outputs)
    nb = notebook()
    nb.cells[-1] = cell
    return re.sub(r"<[^>]*>", "", course.feedback(nb, config).partition("<body")[2])


def test_hidden_tests_are_not_in_the_feedback(course):
    page = page_of_tests(course, TESTS)
    assert "secret" not in page
    assert "HIDDEN TESTS" not in page
    assert re.search(
        r"assert double\(1\) == 2\s+# \(hidden tests ran here\)\s+assert double\(0", page
    )


def test_the_formgrader_shows_hidden_tests(course):
    nb = notebook()
    nb.cells[-1] = graded(TESTS)
    assert "secret" in course.formgrader(nb)


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN HIDDEN TESTS\nsecret()",
        "### BEGIN HIDDEN TESTS\nsecret()\n### BEGIN HIDDEN TESTS\nsecret()\n### END HIDDEN TESTS",
        "secret() ### BEGIN HIDDEN TESTS\nsecret()\nsecret() ### END HIDDEN TESTS",
    ],
)
def test_malformed_regions_hide_to_the_end(course, source):
    page = page_of_tests(course, source)
    assert "secret" not in page
    assert "# (hidden tests ran here)" in page


def test_indentation_and_several_regions(course):
    source = "if True:\n    ### BEGIN HIDDEN TESTS\n    secret()\n    ### END HIDDEN TESTS\n" * 2
    page = page_of_tests(course, source)
    assert "secret" not in page
    assert page.count("\n    # (hidden tests ran here)") == 2


def test_markers_are_those_of_the_course(course):
    config = course.config()
    config.ClearHiddenTests.begin_test_delimeter = "VERBORGEN"
    config.ClearHiddenTests.end_test_delimeter = "OFFEN"
    page = page_of_tests(course, "# VERBORGEN\nsecret()\n# OFFEN\nopen()", config=config)
    assert "secret" not in page
    assert "open()" in page


def test_marking_schemes_are_hidden(course):
    task = new_markdown_cell("Do it.\n\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ===")
    solution(task, "task").metadata.nbgrader.update(task=True, solution=False, points=2)
    nb = notebook(task)
    page = course.feedback(nb)
    assert "secret" not in page
    assert "<em>(marking scheme)</em>" in page


def test_a_students_own_cell_is_left_alone(course):
    nb = notebook(new_code_cell("### BEGIN HIDDEN TESTS\nmine()"))
    assert "mine" in course.feedback(nb)


ARROW = (
    "\x1b[0;31m---------------------------------------------------------------------------\x1b[0m"
)
FRAMES = [
    ARROW,
    "\x1b[0;31mAssertionError\x1b[0m                            Traceback (most recent call last)",
    "Cell \x1b[0;32mIn[7], line 5\x1b[0m\n\x1b[1;32m      3\x1b[0m ### BEGIN HIDDEN TESTS\n"
    "\x1b[0;32m      4\x1b[0m secret \x1b[38;5;241m=\x1b[39m \x1b[38;5;241m40\x1b[39m\n"
    "\x1b[0;32m----> 5\x1b[0m \x1b[38;5;28;01massert\x1b[39;00m double(secret) \x1b[38;5;241m==\x1b"
    "[39m 80\n",
    "\x1b[0;31mAssertionError\x1b[0m: no",
]


def test_a_traceback_that_shows_hidden_tests_is_cut_down(course):
    page = page_of_tests(course, TESTS, error(*FRAMES))
    assert "secret" not in page
    assert "AssertionError: no" in page


def test_so_is_one_in_a_later_cell(course):
    nb = notebook(new_code_cell("use()", outputs=[error(*FRAMES)]))
    nb.cells[-1] = graded(TESTS)
    assert "secret" not in course.feedback(nb)


def test_other_tracebacks_and_outputs_stay(course):
    lines = ["----> 2 assert double(1) == 2", "AssertionError: no"]
    page = page_of_tests(course, TESTS, error(*lines), new_output("stream", text="verdict"))
    assert "----&gt; 2 assert double(1) == 2" in page
    assert "verdict" in page


def test_real_tracebacks_are_recognised(course):
    """As IPython makes them, for an error in a hidden test and for a hidden SyntaxError."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.colors = "linux"
    shell.user_ns["double"] = lambda x: x
    for source in (
        TESTS.replace("double(1) == 2", "True"),
        "### BEGIN HIDDEN TESTS\nassert secret( == 3\n### END HIDDEN TESTS",
        "### BEGIN HIDDEN TESTS\nfor secret in [3]:\n    assert (\n        double(secret)\n"
        "        == 80\n    ), 'no'\n### END HIDDEN TESTS",
    ):
        result = shell.run_cell(source, silent=True)
        etype = result.error_in_exec or result.error_before_exec
        lines = shell.InteractiveTB.structured_traceback(
            type(etype), etype, etype.__traceback__, tb_offset=1
        )
        if isinstance(etype, SyntaxError):
            lines = shell.SyntaxTB.structured_traceback(type(etype), etype, [])
        assert "secret" in "".join(lines)
        assert "secret" not in page_of_tests(course, source, error(*lines))


def test_pages_take_their_time(course, record_property):
    """Recorded, not asserted."""
    for kind in ("feedback", "formgrader"):
        for inert in (False, True):
            started = time.perf_counter()
            getattr(course, kind)(honest(), course.config(inert))
            record_property(f"{kind} inert={inert}", time.perf_counter() - started)
