from nbexercise import define, fn

ex = define("trapezoid")


@ex.solution
def trapezoid(f, a, b, n):
    """Integrate f from a to b with n trapezoids of equal width."""
    ### BEGIN SOLUTION
    h = (b - a) / n
    area = (f(a) + f(b)) / 2
    for i in range(1, n):
        area += f(a + i * h)
    area *= h
    ### END SOLUTION
    return area


@ex.cases("areas", points=3)
def areas(rng):
    yield fn("np.exp(x)"), 0.0, 1.0, 4
    yield fn("x**3 - x"), -1.0, 2.0, int(rng.integers(5, 9))


@ex.cases("one trapezoid", points=1)
def one(rng):
    yield fn("np.exp(x)"), 1.0, 3.0, 1


ex.mistake(
    "(f(a) + f(b)) / 2",
    "f(a) + f(b)",
    "The two ends were counted in full.",
    hint="How many trapezoids does each end belong to?",
)
ex.mistake("range(1, n)", "range(1, n - 1)", "The last inner point was left out.")
ex.hint("Draw two trapezoids.", "Inner points belong to two.", "Start from half of the ends.")
