"""Figures, questions and helpers of the lesson "From dense to convolutional layers"."""
