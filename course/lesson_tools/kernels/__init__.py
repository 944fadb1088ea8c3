"""Figures and questions of the lesson "Kernels"."""
