"""`nbjudge review`: grade answers by hand in a web page served on this machine only."""
