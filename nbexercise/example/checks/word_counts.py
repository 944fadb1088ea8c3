from nbexercise import define

ex = define("word_counts")


@ex.solution
def word_counts(text):
    """Count the words of a text, in lower case, in a dictionary."""
    ### BEGIN SOLUTION
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    ### END SOLUTION
    return counts


@ex.cases("words", points=2)
def words(rng):
    yield " ".join(rng.choice(["ant", "bee", "cat"], 9))


@ex.cases("capitals and spaces", points=2)
def capitals(rng):
    yield "The the  THE end"


ex.mistake(
    "text.lower()",
    "text",
    "Words with capitals were counted apart.",
    hint="Compare the words in lower case.",
)
ex.mistake(".split()", '.split(" ")', "Two spaces in a row gave an empty word.")
ex.mistake(", 0) + 1", ", 1) + 1", "The first time a word occurs counted twice.")
ex.hint("What should the dictionary hold for a word that occurs for the first time?")
