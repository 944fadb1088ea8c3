"""Questions of the lessons: one module for each lesson, named after it without the number.

They are not in the notebooks, because GitHub and printouts show folded cells unfolded.
"""
