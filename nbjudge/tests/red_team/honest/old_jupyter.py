"""A notebook as Jupyter of 2015 saved it: nbformat 4.0, no ids, kernel python3 of old."""

import json


def oddity(submission):
    submission.notebook.metadata = {
        "kernelspec": {
            "display_name": "Python [Root]",
            "language": "python",
            "name": "Python [Root]",
        }
    }

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 0
        for cell in notebook["cells"]:
            cell.pop("id", None)
            cell["metadata"] |= {"collapsed": False}
        return json.dumps(notebook, indent=1).encode()

    submission.change(save)
