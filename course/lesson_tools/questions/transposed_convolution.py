"""Questions and answers of the lesson "Transposed convolution": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    stride=Prediction(
        right=5,
        why="The second copy starts at row 2 and is 3 rows long: rows 0 to 4.",
        wrong={
            2: "The stride of a transposed convolution makes the output larger.",
            3: "One copy alone has 3 rows. Where does the second one start?",
            4: "That is the size for stride 1. Where does the second copy end now?",
            6: "The copies still overlap, in one row.",
            8: "The stride moves the copies apart. It does not double the output of stride 1.",
        },
        hint="There are two copies of 3 rows. At which row does the second one start, and end?",
    ),
    output_padding=Prediction(
        right="c",
        why="The full output has 5 rows. Padding crops two of them, and output padding keeps one.",
        wrong={
            "a": "The name suggests this. But the full output has values in that row already.",
            "b": "Nothing is copied. Compare with the full 5 x 5 output.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    frameworks=Prediction(
        right="b",
        why="Keras crops the last row and column, PyTorch the first.",
        wrong={
            "a": "One row of five has to be cropped. Do both libraries crop on the same side?",
            "c": "Both add copies of the kernel as it is, at the same positions.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    inverse=Prediction(
        right="c",
        why="Detail is lost, and each pixel receives 1/16 of the averages of only four windows.",
        wrong={
            "a": "6,400 averages cannot hold what 25,600 pixels did.",
            "b": "How many windows contribute to one pixel, and with which weight?",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    checkerboard=Prediction(
        right=4,
        why="Each of the four positions of a 2 x 2 block receives four other weights.",
        wrong={
            1: "Each position receives four copies, but with which weights of the kernel?",
            2: "That is right along one axis. There are two axes.",
            3: "Count the positions in a block of stride x stride outputs.",
            16: "Each output receives four of the 16 weights. How many such groups are there?",
        },
        hint="Which weights of the kernel reach row 4, column 4, and which reach row 4, column 5?",
    ),
    upsampling=Prediction(
        right="repeating",
        why="It keeps the mean of each 2 x 2 block, while interpolation mixes neighboring blocks.",
        wrong={
            "bilinear": "It looks smoother. But is a thin stroke of a pen smooth?",
        },
        hint="Answer with one of the two names, in quotes.",
    ),
)
