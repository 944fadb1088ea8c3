"""`nbjudge archive`: move a finished term into a course of its own."""
