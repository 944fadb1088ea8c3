"""Correct and wrong solutions for testing the checks: a module for each exercise."""
