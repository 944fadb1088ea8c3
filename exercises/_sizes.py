"""What the exercises on the arithmetic of sizes share."""

__all__ = ["NUMBER", "distinct"]

NUMBER = "a single number"


def distinct(rng, choices, number):
    """So many of the choices, each once, as Python's own numbers."""
    return [choices[place] for place in rng.choice(len(choices), size=number, replace=False)]
