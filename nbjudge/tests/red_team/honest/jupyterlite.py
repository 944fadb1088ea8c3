"""A notebook as saved by JupyterLite, with a Pyodide kernel."""


def oddity(submission):
    submission.notebook.metadata = {
        "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
        "language_info": {
            "name": "python",
            "version": "3.12",
            "codemirror_mode": {"name": "python"},
        },
    }
    for cell in submission.cells:
        cell.metadata |= {"trusted": True, "jupyter": {"source_hidden": False}}
