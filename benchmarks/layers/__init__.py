"""Benchmarks of the layers of convnet."""
