"""Code that shares a process with student code: the shell that runs cells, and the interpreter."""
