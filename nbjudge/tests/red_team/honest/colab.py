"""A notebook as saved by Colab: no ids, minor version 0, its own metadata and outputs."""

import json


def oddity(submission):
    submission.notebook.metadata = {
        "colab": {"provenance": [], "name": "ps1.ipynb", "collapsed_sections": ["a"]},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 0
        for number, cell in enumerate(notebook["cells"]):
            cell.pop("id", None)
            cell["metadata"] |= {"id": f"a_B-{number}", "colab": {"base_uri": "https://localhost"}}
            if cell["cell_type"] == "code":
                cell["execution_count"] = number
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}]
        return json.dumps(notebook, indent=2, ensure_ascii=False).encode()

    submission.change(save)
