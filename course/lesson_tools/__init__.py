"""What the lessons' notebooks need beside the library: `release/lessons.zip` carries it as well.

`figures` ends a cell with a figure that has a text alternative, `sweep` draws a kernel on its way
over an image, `photo` draws the edges of the reader's photograph, `predictions` asks the reader for
an answer before a cell shows it (the answers stand in `questions`), `needs` skips cells whose
packages are not installed, and `histories` has the results of the course's long trainings.
"""
