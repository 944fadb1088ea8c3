"""Figures, questions and helpers of the lesson "Fast convolution"."""
