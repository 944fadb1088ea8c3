"""Questions and answers of the lesson "What filters see": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    template=Prediction(
        right="b",
        why="Its strong contrast gives 27. Patch a is the filter itself, and gives only 6.",
        wrong={
            "a": "That is the most similar patch. But the response also grows with the contrast.",
            "c": "The weights of the filter add up to 0, so a constant patch gives 0.",
        },
        hint=LETTER,
    ),
    blobs=Prediction(
        right="c",
        why="Each of the 64 is more similar to an edge or to one color.",
        wrong={
            "a": "Six of 17 is about a third, but a network need not use what we offer.",
            "b": "Some filters look like a bright spot, but they are more similar to another one.",
        },
        hint=LETTER,
    ),
    start=Prediction(
        right="c",
        why="Training has made the weights larger, but has kept most of the initial pattern.",
        wrong={
            "a": "Then nothing of the initial pattern would be left. Look at the two rows again.",
            "b": "The pattern has changed even less than that.",
        },
        hint=LETTER,
    ),
    brightness=Prediction(
        right="b",
        why="Its weights add up to 0.9, and most of a photograph is bright without an edge.",
        wrong={
            "a": "A Sobel kernel is blind to brightness, since its weights add up to 0. This one?",
            "c": "Bright areas give large responses, but the edges of the roofs remain visible.",
        },
        hint=LETTER,
    ),
    inactive=Prediction(
        right="c",
        why="More than a third of the channels contribute nothing for this photograph.",
        wrong={
            "a": "With a negative bias, a ReLU can give 0 at every position of an image.",
            "b": "It is more than that, though all the channels were trained.",
        },
        hint=LETTER,
    ),
    fusion=Prediction(
        right="c",
        why="Training has left all five close to 1/5, the value with which HED's authors start.",
        wrong={
            "a": "The fine side outputs contain every roof tile, which people did not trace.",
            "b": "The coarse side outputs know best what matters, but not exactly where it is.",
        },
        hint=LETTER,
    ),
)
