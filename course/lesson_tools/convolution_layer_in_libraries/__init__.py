"""Figures and questions of the lesson "The convolution layer in libraries"."""
