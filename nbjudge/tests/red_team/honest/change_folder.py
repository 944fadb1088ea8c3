"""os.chdir, a changed environment and a changed locale."""


def oddity(submission):
    submission.add(
        """
        import locale, os, sys
        os.makedirs("sub", exist_ok=True)
        os.chdir("sub")
        os.environ["MY_SETTING"] = "1"
        locale.setlocale(locale.LC_ALL, "C")
        sys.path.append(".")
    """,
        before="square",
    )
