"""What the lesson "Output sizes" asks, and the answers: read it when you are done."""

from lesson_tools.predictions import Predictions, Question

predict = Predictions(
    stem=Question(
        right=112,
        why="The padded axis has 230 entries, the last possible start is 223, and 223 // 2 is 111.",
        wrong={
            111: "Is the start at 0 counted? Is there padding on both sides?",
            112.5: "There is no half position. Round the quotient down, then add 1.",
            111.5: "There is no half position, and the start at 0 is missing.",
            113: "That is rounded up. A kernel that extends past the end is not used.",
            109: "That is the size without padding.",
            110: "The padding is per side: an axis has two of them.",
            224: "The stride of 2 skips every other position.",
            218: "That is the size with stride 1 and without padding.",
        },
        hint="Three steps: the padded size, the last possible start, the multiples of 2 up to it.",
    ),
    fails=Question(
        right=9,
        why="64, 62, 31, 29, 14, 12, 6, 4, 2: the ninth layer is a 3 x 3 kernel on 2 x 2 values.",
        wrong={
            5: "Are you counting blocks? A block has two layers.",
            8: "That layer receives 4 x 4 values and returns 2 x 2. Which layer comes next?",
            10: "How many values does the layer before it receive?",
            7: "Check the odd sizes: 29 / 2 is rounded down to 14.",
            6: "Each convolution removes two rows; each pooling layer halves, rounded down.",
        },
        hint="Write down the size after each layer: minus 2, halved and rounded down, minus 2, ...",
    ),
    smallest=Question(
        right=22,
        why="1 needs 2, then 4, 8, 10, 20 and 22.",
        wrong={
            10: "That is enough for two blocks.",
            46: "That is what four blocks need.",
            94: "That is what five blocks need.",
            8: "Pooling doubles the size, and the convolution before it adds 2, in each block.",
            14: "The factor 2 comes first: the last block needs 4, so pooling before it needs 8.",
            20: "That is what the first pooling layer needs. One convolution comes before it.",
            23: "It works, but it is not the smallest.",
            24: "It works, but it is not the smallest.",
        },
        hint="The third block needs 4. Which size does the pooling layer of the second block need?",
    ),
    field=Question(
        right=(10, 4),
        why="R is 3, 4, 8, 10: the second convolution adds 2 * 2, the second pooling layer 1 * 2.",
        wrong={
            (4, 10): "The right numbers in the wrong order: R comes first.",
            (7, 4): "S is right. After the first pooling layer, neighbors lie 2 pixels apart.",
            (10, 2): "R is right. There are two layers with stride 2.",
            (8, 2): "That is before the second pooling layer.",
            (8, 4): "The last pooling layer combines two neighbors, which lie 2 pixels apart.",
            (12, 4): "A layer's own stride does not count for its own kernel, only for later ones.",
            (16, 4): "A layer's own stride does not count for its own kernel, only for later ones.",
            (
                36,
                4,
            ): "Kernel sizes do not multiply: a layer adds (f - 1) times the stride so far.",
        },
        hint="After the first block R is 4 and S is 2. What do the next two layers add to R?",
    ),
    sides=Question(
        right=(1, 1, 1, 2),
        why="2 rows, one on each side; 3 columns, and the extra one goes to the right.",
        wrong={
            (1, 1, 2, 1): "The totals are right. On which side is the extra column?",
            (1, 2, 1, 1): "Which of the two sizes belongs to the rows?",
            (1, 1, 2, 2): "4 columns would give an output that is 8 wide.",
            (1, 1, 1, 1): "2 columns would give an output that is 6 wide.",
            (1, 1, 1.5, 1.5): "A column cannot be split.",
            (1, 1, 0, 3): "The total is right, but it is divided as equally as possible.",
            (2, 2, 3, 3): "That is full padding.",
        },
        hint="In each direction f - 1 zeros in all. Divide them; one side may get one more.",
    ),
    ported=Question(
        right=(4, 6, 15),
        why="The padded vector is 0, 3, 1, 4, 1, 5, 9, 0, and the windows start at 0, 2 and 4.",
        wrong={
            (8, 10, 14): "Those are the values of SAME padding. Where do the windows start here?",
            (8, 10): "That is the output without padding.",
            (4, 6, 15, 9): "The last window would extend past the end.",
            (4, 8, 6, 10, 15, 14): "That is the output with stride 1.",
            (4, 6, 14): "Check the last window: it starts at index 4 of the padded vector.",
        },
        hint="Write down the padded vector, 8 numbers, and add three of them from 0, 2 and 4 on.",
    ),
)
