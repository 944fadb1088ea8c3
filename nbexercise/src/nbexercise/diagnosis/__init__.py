"""Find out why a function fails, and explain it in sentences. The result is an `Explanation`."""
