"""Questions and answers of the lesson "Working in Colab": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    restart=Prediction(
        right="b",
        why="Restarting ends the Python process. The machine with its disk stays the same.",
        wrong={
            "a": "A restart ends the Python process. Where were the variables?",
            "c": "That happens when the machine itself is deleted. A restart keeps the machine.",
        },
        hint=LETTER,
    ),
    moved=Prediction(
        right="c",
        why="`to` changes a module in place, but for a tensor it returns a new tensor.",
        wrong={
            "a": "One of the two is still on the CPU. For which does `to` return a new object?",
            "b": "`to` moves the parameters of a module in place. What does it do with a tensor?",
        },
        hint=LETTER,
    ),
    queue=Prediction(
        right="b",
        why="A call only puts its job into a queue, and a longer job is queued just as quickly.",
        wrong={
            "a": "That would be so if each call waited for its job. When does a call return?",
            "c": "Nothing is finished sooner. What does the clock measure if no call waits?",
        },
        hint=LETTER,
    ),
    jpeg=Prediction(
        right="c",
        why="JPEG stores colors at a lower resolution, and neighboring pixels mix.",
        wrong={
            "a": "That is a typical error in a smooth photograph. Here neighbors differ strongly.",
            "b": "Worse: JPEG is made for images whose neighboring pixels have similar colors.",
        },
        hint=LETTER,
    ),
    pixel_range=Prediction(
        right="a",
        why="All scores grow together, so the largest one mostly stays the largest.",
        wrong={
            "b": "The images are then nearly black. What does the network see except its biases?",
            "c": "Black strokes on white are new to it: its filters have seen the opposite.",
        },
        hint=LETTER,
    ),
    state=Prediction(
        right=3,
        why="The parameter itself, and Adam's averages of its gradient and of the square.",
        wrong={
            1: "That is enough to predict, but Adam's next step depends on more.",
            2: "Adam keeps two averages for each parameter.",
            4: "The gradient is computed anew from the next mini-batch: it need not be saved.",
        },
        hint="What does a step of Adam read, besides the gradient?",
    ),
)
