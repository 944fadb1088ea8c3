"""The worker that makes feedback pages."""

import json
import signal

from nbjudge.engine.messages import Page, PageJob
from nbjudge.engine.worker import Worker, confine
from nbjudge.sandbox.processes import limit_memory
from nbjudge.wire.messages import Message

PAGE_SECONDS = 60  # that a page may take, some hundred times what it does
PAGE_MEMORY = 1 << 30  # bytes


class PageMaker(Worker):
    """Makes feedback pages; what was submitted may bring one to an end, which costs its page."""

    serves = PageJob

    def serve(self) -> None:
        limit_memory(PAGE_MEMORY)
        confine(self.config.sandbox.hidden if self.config else (), (), ())
        super().serve()

    def answer(self, job: Message) -> Page:
        """Make one page."""
        assert isinstance(job, PageJob)
        from nbjudge.feedback.page import render  # loaded before the fork

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PAGE_SECONDS)  # after which the kernel ends this process
        html = render(json.loads(job.notebook), job.about)
        signal.alarm(0)
        return Page(html)
