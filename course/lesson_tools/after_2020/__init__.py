"""Figures, questions and helpers of the lesson "After 2020"."""
