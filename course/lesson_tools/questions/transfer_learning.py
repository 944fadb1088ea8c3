"""Questions and answers of the lesson "Transfer learning": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    gain=Prediction(
        right="b",
        why="The features help, but not much: clothes of 28 x 28 pixels are far from photographs.",
        wrong={
            "a": "So much would be common for color photographs. These images are small and gray.",
            "c": "Edges and textures, which the body has learned to see, also occur in clothes.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    permuted=Prediction(
        right="c",
        why="The architecture alone does not make these features: the trained weights do.",
        wrong={
            "a": "Permuting destroys every filter. What is left of the training?",
            "b": "In a deep network with random weights, different images get similar features.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    means=Prediction(
        right="b",
        why="Means have nothing to fit but ten averages, which five images already estimate well.",
        wrong={
            "a": "Logistic regression has 12,810 parameters to fit here, and 50 images.",
            "c": "Look at the band of logistic regression in the figure above, and then below.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    layer=Prediction(
        right="c",
        why="These features were trained to tell clothes apart, and digits differ in other ways.",
        wrong={
            "a": "They were trained to tell clothes apart. Do digits differ in the same ways?",
            "b": "A trained layer keeps what its task needs. What happens to the rest?",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    batchnorm=Prediction(
        right="b",
        why="They are buffers, not parameters: only `eval()` stops their update.",
        wrong={
            "a": "requires_grad_(False) concerns parameters. Are running statistics parameters?",
            "c": "gamma and beta are parameters, so they are frozen.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    polarity=Prediction(
        right=(2, 0),
        why="The maximum of a window that holds -2 and 0 is 0: that edge is lost.",
        wrong={
            (2, -2): "That is the value of largest magnitude. Max pooling compares 0 and -2.",
            (2, 2): "That would need the absolute values, before pooling.",
            (-2, 0): "The first edge gets brighter: what is its sign?",
            (0, -2): "The larger of 0 and -2 is 0.",
        },
        hint="Two windows, two maxima: answer with a tuple such as (1, 1).",
    ),
)
