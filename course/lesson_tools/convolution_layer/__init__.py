"""Figures, questions and helpers of the lesson "The convolution layer"."""
