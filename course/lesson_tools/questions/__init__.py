"""The predictions that lessons ask for: a module for each lesson, by its name without the number.

They stand here since a notebook shows its folded cells wherever nobody folds them: on GitHub, in
print.
"""
