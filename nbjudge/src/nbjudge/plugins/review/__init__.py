"""`nbjudge review`: grade answers by hand in a web page served on this machine only."""

ENTRY_POINTS = {
    "nbjudge.commands": {"review": "nbjudge.plugins.review.command"},
    "nbjudge.open_work": {"open regrade request": "nbjudge.plugins.review.requests:open_requests"},
}
