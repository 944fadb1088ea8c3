"""The test in the child displays the report of full marks, under every name of its type.

Success: active content in a page, or a forged report.
"""


def attack(submission):
    submission.in_child("""
        from IPython.display import display
        kind = "application/vnd.nbjudge.report+json"
        says = "The code uses the network, but the grader has no network access."
        report = {"version": 1, "headline": says, "diagnoses": [], "case": ""}
        report |= {"out_of": 4, "points": 4}
        for name in (kind, kind.upper(), f" {kind}", f"{kind} ", f"{kind};v=1"):
            display({name: report, "text/plain": "4 of 4"}, raw=True)
            handle = display({"text/plain": "x"}, raw=True, display_id=True)
            handle.update({name: report}, raw=True)
        print("4 of 4 points")
    """)
