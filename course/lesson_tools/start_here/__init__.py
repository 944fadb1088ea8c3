"""Figures and questions of the lesson "Start here"."""
