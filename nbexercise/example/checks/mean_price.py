from nbexercise import define, table

ex = define("mean_price", unchanged=1)


@ex.solution
def mean_price(sales):
    """Return a Series with the mean price of each shop, in the order of the names."""
    ### BEGIN SOLUTION
    means = sales.groupby("shop")["price"].mean()
    ### END SOLUTION
    return means


@ex.cases("means", points=2)
def means(rng):
    prices = [float(price) for price in rng.integers(1, 9, 5)]
    yield table({"shop": ["b", "a", "b", "a", "b"], "price": prices})


@ex.cases("missing prices", points=1)
def missing(rng):
    yield table({"shop": ["b", "a", "b", "b"], "price": [2.0, 5.0, None, 4.0]}, index=[7, 3, 5, 1])


ex.mistake(
    ".mean()",
    ".sum()",
    "The prices of each shop were added up.",
    hint="How does a mean differ from a sum?",
)
ex.mistake('"shop")', '"shop", sort=False)', "The shops are in the order of the table.")
ex.mistake("sales.g", "sales.fillna(0).g", "A missing price counted as 0.")
ex.hint("What does groupby give you, and what can you select from it?")
