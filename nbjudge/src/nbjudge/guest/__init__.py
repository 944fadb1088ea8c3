"""What runs beside student code: the shell for its cells, the interpreter that answers requests."""
