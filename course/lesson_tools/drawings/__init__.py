"""The figures of the lessons, a module for each lesson, with a function for each figure."""
