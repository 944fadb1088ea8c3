"""Tools for the lessons' notebooks; `release/lessons.zip` contains this package.

`figures` shows a figure with a text alternative, and `drawings` has the figures of each lesson.
`predictions` asks the reader for an answer before a cell shows it, and `checks` checks exercises;
the answers are in `questions`. `spine` shows which operations of the edge network are the reader's
own, `photo` draws the edges of the reader's photograph, `needs` skips cells whose packages are not
installed, and `histories` loads the results of the course's long training runs.
"""
