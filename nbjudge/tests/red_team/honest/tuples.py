"""Ordered dictionaries, default dictionaries and named tuples inside the solution."""


def oddity(submission):
    submission.answer(
        "words",
        """
        from collections import Counter, OrderedDict, defaultdict, namedtuple

        Pair = namedtuple("Pair", "word number")

        def words(text):
            counts = defaultdict(int)
            for word in text.split():
                counts[word] += 1
            return OrderedDict(Pair(w, n) for w, n in Counter(counts).items())
    """,
    )
