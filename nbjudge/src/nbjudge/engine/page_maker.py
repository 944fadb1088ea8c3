"""The worker that makes feedback pages."""

import json
import signal

from nbjudge.engine.worker import Worker
from nbjudge.feedback.about import About
from nbjudge.sandbox.processes import limit_memory

PAGE_SECONDS = 60  # that a page may take, some hundred times what it does
PAGE_MEMORY = 1 << 30  # bytes


class PageMaker(Worker):
    """Makes feedback pages; what was submitted may bring one to an end, which costs its page."""

    def serve(self) -> None:
        limit_memory(PAGE_MEMORY)
        super().serve()

    def judge(self, job) -> dict:
        """Make one page."""
        from nbjudge.feedback.page import render  # loaded before the fork

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PAGE_SECONDS)  # after which the kernel ends this process
        about = About.from_json(job["about"])
        made = render(json.loads(job["notebook"]), about)
        signal.alarm(0)
        return {"page": made}
