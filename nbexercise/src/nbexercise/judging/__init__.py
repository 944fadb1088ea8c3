"""Call a function with every case, and decide each named check. The result is a `Verdict`."""
