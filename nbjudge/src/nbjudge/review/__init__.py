"""`nbjudge review`: grade answers in words one after another, in a page on this machine alone."""
