"""The worker that makes feedback pages."""

import json
import signal

from nbjudge.engine.messages import Page, PageJob
from nbjudge.engine.worker import Worker, confine
from nbjudge.sandbox.processes import limit_memory
from nbjudge.wire.messages import Message

PAGE_SECONDS = 60  # processor time limit of one page, about a hundred times the usual time
PAGE_MEMORY = 1 << 30  # memory limit in bytes


class PageMaker(Worker):
    """Makes feedback pages. A submission that crashes the page maker loses only its own page."""

    serves = PageJob

    def serve(self) -> None:
        limit_memory(PAGE_MEMORY)
        confine(self.config.sandbox.hidden if self.config else (), (), ())
        super().serve()

    def answer(self, job: Message) -> Page:
        """Make one page."""
        assert isinstance(job, PageJob)
        from nbjudge.feedback.page import render  # loaded before the fork

        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, PAGE_SECONDS)  # the kernel then ends this process
        html = render(json.loads(job.notebook), job.about)
        signal.setitimer(signal.ITIMER_PROF, 0)
        return Page(html)
