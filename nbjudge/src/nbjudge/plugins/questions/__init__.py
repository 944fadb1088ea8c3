"""`nbjudge questions`: questions about each student's own code, asked in class on paper.

`reduction.py` keeps the functions of a notebook, whose tests then display questions. `questions.py`
says what a question is and reads them, `sheets.py` writes the sheets and their key and grades the
answers, and `column.py` puts the points into the gradebook. `steps.py` does so for the command: it
judges the class and chooses.
"""

ENTRY_POINTS = {"nbjudge.commands": {"questions": "nbjudge.plugins.questions.command"}}
