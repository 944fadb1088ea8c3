"""Figures, questions and helpers of the lesson "Transposed convolution"."""
