"""Tools for the lessons' notebooks; `release/lessons.zip` contains this package.

Each lesson has a package with its figures, its questions and everything else that only it uses. The
questions are not in the notebooks, because GitHub and printouts show folded cells unfolded.

The modules of this package are for several lessons. `figures` shows a figure with a text
alternative. `questions` asks readers for predictions and checks their exercises. `spine` shows
which operations of the edge network are the reader's own, `photo` draws the edges of the reader's
photograph, `needs` skips cells whose packages are not installed, and `histories` loads the results
of the course's long training runs.
"""
