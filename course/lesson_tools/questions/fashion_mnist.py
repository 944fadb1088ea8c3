"""Questions and answers of the lesson "Fashion-MNIST": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    entry=Prediction(
        right=(2, 1),
        why="Row 2 for the true class, column 1 for the prediction.",
        wrong={
            (1, 2): "That entry counts images of class 1 that are predicted as class 2. The row is "
            "the true class.",
            (2, 2): "That entry is on the diagonal, where correct predictions are counted.",
            (1, 1): "That entry is on the diagonal, where correct predictions are counted.",
            (2, 0.5): "The column is the class with the largest probability, not the probability.",
        },
        hint="Which image is predicted wrongly? Its true class is the row, its prediction the "
        "column.",
    ),
    scale=Prediction(
        right="b",
        why="The network has no saturating unit before the softmax: if the input grows, the scores "
        "grow, and most of them keep their order.",
        wrong={
            "a": "Think of a network without biases: multiply its input by 255. What happens to "
            "the ten scores, and what to the largest of them?",
            "c": "Without biases it would be the same. This network has biases, and they do not "
            "grow with the input.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    shirts=Prediction(
        right="c",
        why="Shirts are the class with the lowest recall: three in ten are missed.",
        wrong={
            "a": "Some classes are as easy as that, but look at the opening figure: what do shirts "
            "look like at 28 x 28 pixels?",
            "b": "An accuracy is a mean over classes. Is a shirt as easy as the average class?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    largest=Prediction(
        right="conv7",
        why="A 7 x 7 kernel has 49 weights, and nothing reduces the maps quickly.",
        wrong={
            "max-pool": "Pooling has no parameters, but it makes the last map small. What does a "
            "7 x 7 kernel cost?",
            "average-pool": "Pooling has no parameters, but it makes the last map small. What does "
            "a 7 x 7 kernel cost?",
            "strides": "It has as many as the models with pooling. What does a 7 x 7 kernel cost?",
            "same": "Its last map is the largest, so its dense layer is, too. But compare the "
            "kernels of the convolutions.",
        },
        hint='Answer with a name of the table, such as "same".',
    ),
    spread=Prediction(
        right="b",
        why="More than one percentage point, from the seed alone.",
        wrong={
            "a": "That would be ten of 10,000 test images. The runs disagree on more.",
            "c": "The runs are more alike than that: all of them learn from the same images.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    lowest=Prediction(
        right="b",
        why="The training loss continues to fall for the rest of the ten epochs.",
        wrong={
            "a": "The network still learns from the training images what helps with others.",
            "c": "That is true for the training loss. Does everything that the network learns help "
            "with new images?",
        },
        hint='Answer "a", "b" or "c".',
    ),
)
