"""Log messages to stderr at every level, also inside the graded function."""


def oddity(submission):
    submission.answer(
        "root",
        """
        import logging

        logging.basicConfig(level=logging.DEBUG)
        log = logging.getLogger(__name__)

        def root(x):
            log.debug("root of %s", x)
            if x < 0:
                log.error("below zero")
                raise ValueError("x is below zero")
            return x**0.5
    """,
    )
