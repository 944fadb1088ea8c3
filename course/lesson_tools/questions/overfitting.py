"""Questions and answers of the lesson "Overfitting": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    curve=Prediction(
        right="c",
        why="The network goes on to fit its training set, and with it the wrong labels.",
        wrong={
            "a": "For the training set, yes. Does everything that it learns help with new images?",
            "b": "The parameters keep changing, so the loss on new images keeps changing too.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    early=Prediction(
        right="few",
        why="The regularities that many images share are learned before the exceptions.",
        wrong={
            "half": "Fewer: a wrong label contradicts what the other images of its class teach.",
            "most": "Fewer: a wrong label contradicts what the other images of its class teach.",
        },
        hint='Answer "few", "half" or "most".',
    ),
    patience=Prediction(
        right=(7, 4),
        why="Epochs 5, 6 and 7 do not improve on the 0.52 of epoch 4.",
        wrong={
            (7, 5): "Epoch 5 has the loss 0.58. Which epoch has the lowest loss so far?",
            (7, 7): "Training stops there, but the best parameters are older.",
            (6, 4): "Epochs 5 and 6 are two without improvement. The patience is 3.",
            (6, 3): "Count the epochs from 1.",
            (8, 8): "The loss of epoch 8 is lower, but early stopping never gets there.",
            (7, 8): "Training stops before epoch 8.",
            (4, 4): "In epoch 4, the next losses are not known yet.",
            (5, 4): "Epoch 5 is the first one without improvement. The patience is 3.",
            (4, 7): "The right numbers in the wrong order.",
        },
        hint="The lowest loss so far is in epoch 4. Count three epochs without a lower one.",
    ),
    dropout=Prediction(
        right="lower",
        why="Each step trains only a part of the network, so learning takes more epochs.",
        wrong={
            "higher": "Few wrong labels are memorized by epoch 6. What else does dropout change?",
            "same": "Half of the inputs of the dense layers are 0. How fast do these layers learn?",
        },
        hint='Answer "higher", "same" or "lower".',
    ),
    crop=Prediction(
        right=((0, 4, 5), (0, 7, 8), (0, 0, 0)),
        why="Rows 2 to 4 and columns 0 to 2 of the padded image.",
        wrong={
            ((4, 5, 6), (7, 8, 9), (0, 0, 0)): "The rows are right. The crop begins at column 0.",
            ((1, 2, 3), (4, 5, 6), (7, 8, 9)): "That is the crop at row 1 and column 1: no shift.",
            ((0, 0, 0), (0, 1, 2), (0, 4, 5)): "The columns are right. The crop begins at row 2.",
            ((6, 4, 5), (9, 7, 8), (3, 1, 2)): "That is np.roll. What lies beyond the border is 0.",
            ((0, 0, 0), (2, 3, 0), (5, 6, 0)): "Rows first: the crop begins at row 2, column 0.",
        },
        hint="Write down the padded image of 5 x 5, and mark rows 2 to 4 and columns 0 to 2.",
    ),
    chosen=Prediction(
        right="lower",
        why="Part of its lead on the 100 images was luck, which does not repeat on other images.",
        wrong={
            "higher": "It was chosen because it did well on these hundred. What about others?",
            "same": "That would be so for a network chosen before the hundred images were seen.",
        },
        hint='Answer "higher", "same" or "lower".',
    ),
)
