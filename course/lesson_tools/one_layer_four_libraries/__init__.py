"""Figures, questions and helpers of the lesson "One layer, four libraries"."""
