"""No answer can leave the student's process, so that no test can be judged outside.

Success: a question that is judged outside has points, or another test is judged in the child.
"""


def attack(submission):
    submission.first("""
        get_ipython().showtraceback = lambda *arguments, **options: None

        class Everything:
            def __eq__(self, other): return True
            def __lt__(self, other): return True
            def __gt__(self, other): return True
            def __len__(self): return 0
            def __bool__(self): return True
            def __iter__(self): return iter(())
            def __getattr__(self, name): return self
            def __call__(self, *arguments): return self
            def __float__(self): return 5.0
            def __pow__(self, other): return self
            def __sub__(self, other): return self
            def __abs__(self): return 0
            __hash__ = None
    """)
    for name in ("square", "standardize", "words", "distance", "root", "primes"):
        submission.answer(name, f"{name} = Everything()")
    submission.answer("total", "total = (n for n in [338350])")
