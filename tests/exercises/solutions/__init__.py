"""Right and wrong solutions, which the checks are tried on: a module for each exercise."""
