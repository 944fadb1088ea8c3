"""Questions and answers of the lesson "Batch normalization": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    scaled=Prediction(
        right="c",
        why="The standard deviation grows by the same factor as the deviations.",
        wrong={
            "a": "By which number are the deviations divided? Compute it for the new values.",
            "b": "The deviations grow tenfold, and so does the number that they are divided by.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    means=Prediction(
        right=16,
        why="One for each channel; examples, rows and columns are averaged over.",
        wrong={
            1: "The filters of different channels differ, so they are normalized separately.",
            32: "The mean is taken over the examples: hence the name batch normalization.",
            512: "That would be one for each example and channel, which is instance normalization. "
            "Here the mean is taken over the examples as well.",
            1024: "That would be one for each position and channel. A filter is the same at all "
            "positions, so they share a mean.",
            64: "A filter is the same at all positions, so they share a mean.",
            2048: "That is the number of values in one mean.",
        },
        hint="Which axes does the code average over, and which one remains?",
    ),
    rates=Prediction(
        right=(0, 1, 3),
        why="A good initialization helps at one rate; batch normalization works at all three.",
        wrong={
            (
                0,
                3,
                3,
            ): "A good initialization does not protect from steps that are too large or too small.",
            (1, 1, 1): "That would mean that the learning rate alone decides. Look at the first "
            "figure again: at the rate 0.1 the first two networks differ.",
            (0, 1, 1): "That would mean that batch normalization is as sensitive to the rate as a "
            "good initialization is.",
            (1, 2, 3): "Remember the first figure: what has the network without normalization "
            "reached after three epochs?",
            (0, 2, 3): "Close. How far does a network come in three epochs with the smallest rate?",
        },
        hint="Answer with three numbers from 0 to 3, such as (1, 2, 3).",
    ),
    single=Prediction(
        right=1,
        why="The value equals its mean, so gamma * 0 + beta remains, whatever the value is.",
        wrong={
            0: "That is the normalized value. What do gamma and beta make of it?",
            7: "What is the mean of a single value?",
            15: "That is 2 * 7 + 1: you have left out the normalization.",
            3: "That is gamma + beta. But the normalized value is not 1.",
        },
        hint="What is the mean of a single value, and what remains when you subtract it?",
    ),
    early=Prediction(
        right="c",
        why="The running statistics still consist mostly of the values they started from.",
        wrong={
            "a": "What weight do the starting values 0 and 1 still have after 47 steps, if "
            "each step keeps 99%?",
            "b": "What weight do the starting values 0 and 1 still have after 47 steps, if "
            "each step keeps 99%?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    zero_gradient=Prediction(
        right="b",
        why="The normalization subtracts it again, so it cannot change the loss.",
        wrong={
            "W": "The filters decide which features there are. That does change the loss.",
            "gamma": "It is multiplied after the normalization, and nothing removes it.",
            "beta": "It is added after the normalization, so nothing subtracts it again.",
        },
        hint='Answer "W", "b", "gamma" or "beta".',
    ),
)
