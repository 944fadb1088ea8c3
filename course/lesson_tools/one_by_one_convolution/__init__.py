"""Figures, questions and helpers of the lesson "1x1 convolution"."""
