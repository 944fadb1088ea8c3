"""Tools for the lessons' notebooks; `release/lessons.zip` contains this package.

`figures` shows a figure with a text alternative, `sweep` draws a kernel that slides over an image,
`photo` draws the edges of the reader's photograph, `predictions` asks the reader for an answer
before a cell shows it (the answers are in `questions`), `needs` skips cells whose packages are not
installed, and `histories` loads the results of the course's long training runs.
"""
