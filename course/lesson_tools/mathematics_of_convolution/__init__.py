"""Figures and questions of the lesson "The mathematics of convolution"."""
