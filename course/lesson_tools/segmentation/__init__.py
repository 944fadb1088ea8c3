"""Figures, questions and helpers of the lesson "Segmentation"."""
