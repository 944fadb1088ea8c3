from nbexercise import define

ex = define("Stack", raises=IndexError)


@ex.solution
class Stack:
    """A stack of items: the last one that was pushed is popped first."""

    def __init__(self, items=()):
        ### BEGIN SOLUTION
        self.items = list(items)
        ### END SOLUTION

    def push(self, item):
        """Put an item on the stack."""
        ### BEGIN SOLUTION
        self.items.append(item)
        ### END SOLUTION

    def pop(self):
        """Remove the last item and return it; raise an IndexError if there is none."""
        ### BEGIN SOLUTION
        return self.items.pop()
        ### END SOLUTION


@ex.cases("order", points=3)
def order(rng):
    first, second = map(int, rng.choice(9, 2, replace=False))
    yield ("push", first), ("push", second), ("pop",), ("pop",)
    yield ("Stack", ["a", "b"]), ("pop",), ("push", "c"), ("pop",), ("pop",)


@ex.cases("empty", points=1, edge=True)
def empty(rng):
    yield ("pop",), ("push", 1), ("pop",)


ex.mistake("self.items.pop()", "self.items.pop(0)", "The first item came out first.")
ex.mistake(
    "return self.items.pop()",
    "return self.items.pop() if self.items else None",
    "An empty stack gave None.",
)
ex.mistake("list(items)", "[]", "The first items were lost.")
ex.hint("Which end of the list does append write to, and which end does pop() read?")
