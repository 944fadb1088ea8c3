"""Figures and questions of the lesson "Adversarial examples"."""
