"""Figures, questions and helpers of the lesson "How networks are trained today"."""
