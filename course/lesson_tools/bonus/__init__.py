"""Questions of the notebook "Bonus exercises"."""
