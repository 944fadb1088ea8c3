"""A notebook as saved by Jupyter in 2015: nbformat 4.0, no ids, the kernel `Python [Root]`."""

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
