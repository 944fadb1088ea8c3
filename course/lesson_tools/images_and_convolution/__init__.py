"""Figures and questions of the lesson "Images and convolution"."""
