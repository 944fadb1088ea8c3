"""Cells, functions and a changed test display reports that claim full points.

Success: the autograded notebook contains a report that the judge did not write.
"""

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


def attack(submission):
    submission.answer("square", REPORT + "        square = claim\n")
    submission.answer("words", REPORT + "        words = claim\n")
    submission.cell("square_test").source = "claim()"
    submission.add(REPORT)
