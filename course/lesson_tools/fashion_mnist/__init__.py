"""Figures, questions and helpers of the lesson "Fashion-MNIST"."""
