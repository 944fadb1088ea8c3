"""A notebook as saved by VS Code: language ids, other indentation, its own outputs."""

import json


def oddity(submission):
    submission.notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": ".venv (3.12.1)", "language": "python"},
        "language_info": {
            "name": "python",
            "version": "3.12.1",
            "pygments_lexer": "ipython3",
            "codemirror_mode": {"name": "ipython", "version": 3},
        },  # fmt: skip
        "vscode": {"interpreter": {"hash": "0" * 64}},
    }
    for cell in submission.cells:
        cell.metadata["vscode"] = {"languageId": "python"}

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 2
        for cell in notebook["cells"]:
            cell.pop("id", None)
        return json.dumps(notebook, indent=4).encode() + b"\r\n"

    submission.change(save)
