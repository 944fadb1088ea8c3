import matplotlib.pyplot as plt

from nbexercise import define

ex = define("heights")


@ex.solution
def heights(values, bins):
    """Draw a histogram of heights in cm, as a density, with labels on both axes."""
    ### BEGIN SOLUTION
    plt.hist(values, bins, density=True)
    plt.xlabel("height (cm)")
    plt.ylabel("density")
    ### END SOLUTION


@ex.cases("histogram", points=3)
def histogram(rng):
    yield rng.normal(170, 8, 30).round(), 6
    yield rng.normal(165, 10, 40).round(), 9


ex.mistake(", density=True", "", "The bars count people; their areas should add up to 1.")
ex.mistake("values, bins, d", "values, d", "The number of bins was not passed on.")
ex.mistake('\n    plt.ylabel("density")', "", "The vertical axis has no label.")
ex.hint("Which argument of plt.hist makes the bars a density?")
