"""Compare hand-made edge features with learned filters on Fashion-MNIST.

    python -m benchmarks.lessons.edge_features [MODEL ...] [--seeds 1 2 3] [--write]

Four models end in the same two dense layers, with 128 and 10 units, after 2x2 max pooling. They
differ in the pooled input: hand-made edge features, four learned filters, the same four filters
with random weights that are never trained, or the image itself. They are trained as in the
published comparison on CIFAR-10 (Adam with its default settings, batches of 1024, 50 epochs), but
on Fashion-MNIST; the accuracy is measured on the 10,000 test images. `MODEL` is a name in the
table; the default is all of them. Finished training runs are stored, epoch by epoch, in
course/lesson_tools/data/histories/features-MODEL-SEED.json, and are not repeated. Everything takes
twenty minutes on 2 cores.

--write puts the table into edge_features.md. Offline, set the variable CONVNET_DATA to the data's
folder; convnet/data.py lists the files.
"""

import os
import statistics
import sys

from benchmarks.lessons.histories import KEYS, History, command, finished, made_with

EPOCHS, BATCH = 50, 1024

MODELS = {
    "edges": "hand-made edge features",
    "learned": "four learned 3x3 filters",
    "frozen": "the same filters, random and not trained",
    "pixels": "the image itself",
}


def edge_features():
    """Return a layer with four edge images per channel: differences and Sobel, along x and y."""
    import keras
    import tensorflow as tf

    class EdgeFeatures(keras.layers.Layer):
        def call(self, images):
            dy, dx = tf.image.image_gradients(images)  # dy comes first
            sobel = tf.image.sobel_edges(images)  # (m, n_H, n_W, n_C, 2), y before x
            return tf.concat([dx, dy, sobel[..., 1], sobel[..., 0]], axis=-1)

    return EdgeFeatures()


def keras_model(name: str, input_shape=(28, 28, 1)):
    """Return a compiled model; on 32x32x3 images, `edges` and `learned` are the published ones."""
    import keras
    from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

    first = {
        "edges": lambda: [edge_features()],
        "learned": lambda: [Conv2D(4, 3, activation="relu")],
        "frozen": lambda: [Conv2D(4, 3, activation="relu", trainable=False)],
        "pixels": lambda: [],
    }[name]()
    last = [Flatten(), Dense(128, activation="relu"), Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input(input_shape), *first, MaxPooling2D(2), *last])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def history(name: str, seed: int) -> History:
    """Return the stored training history of a model."""
    return History(f"features-{name}", seed, EPOCHS)


def title(name: str) -> str:
    """Describe a model in words."""
    return MODELS[name]


def train(name: str, seed: int, history: History) -> None:
    """Train a model. Interrupted training starts again: it takes two minutes."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from convnet.data import fashion_mnist

    data = fashion_mnist()
    keras.utils.set_random_seed(seed)
    model = keras_model(name, data.train_images.shape[1:])
    history.begin(f"Keras {keras.version()} on {keras.backend.backend()}", model.count_params())

    def note(epoch, logs):
        history.add(epoch, {key: logs[key] for key in KEYS})

    model.fit(
        data.train_images,
        data.train_labels,
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=2,
        validation_data=(data.test_images, data.test_labels),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=note)],
    )


def table() -> str:
    """Return the table of finished training runs, one row per model."""
    lines = [
        "| pooled input | parameters | mean training accuracy | test accuracy | seeds |",
        "|---|--:|--:|--:|---|",
    ]
    runs = []
    for name in MODELS:
        runs += (model_runs := finished(f"features-{name}", EPOCHS))
        row = [f"{title(name)} (`{name}`)", "", "not trained", "", ""]
        if model_runs:
            ends = [run["epochs"][-1] for run in model_runs]
            row[1] = f"{model_runs[0]['parameters']:,}"
            row[2] = f"{statistics.mean(end['accuracy'] for end in ends):.4f}"
            row[3] = f"{statistics.mean(end['val_accuracy'] for end in ends):.4f}"
            row[4] = ", ".join(f"{end['val_accuracy']:.4f}" for end in ends)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, "", *made_with(runs), ""])


def main(arguments=None) -> int:
    return command(sys.modules[__name__], arguments)


if __name__ == "__main__":
    raise SystemExit(main())
