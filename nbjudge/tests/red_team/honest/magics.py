"""Magics: %%time, %timeit, %%capture, %who, %precision and a shell alias."""


def oddity(submission):
    submission.answer("total", "%%time\ntotal = sum(n * n for n in range(1, 101))")
    submission.add("%timeit -n 3 -r 2 sum(range(10))")
    submission.add("%%capture said\nprint('hidden')")
    submission.add("said.show()\n%who\n%precision 3\n%lsmagic")
    submission.answer("square", "%config InlineBackend.figure_format = 'retina'\n"
                      "def square(x):\n    return x * x")  # fmt: skip
