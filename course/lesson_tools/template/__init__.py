"""Figures and questions of the template for lessons."""
