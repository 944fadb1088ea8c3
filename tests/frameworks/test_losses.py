"""Keras, TensorFlow and PyTorch compute losses as the lesson "Losses" says."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from lesson_tools.losses.questions import Y5, Z5, check

REASON = "PyTorch or TensorFlow is not installed: `make test-packages` sets them up"
torch = pytest.importorskip("torch", reason=REASON)
tf = pytest.importorskip("tensorflow", reason=REASON)
keras = pytest.importorskip("keras", reason=REASON)
functional, layers = torch.nn.functional, keras.layers

BATCH, LABELS = np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 0.5]]), np.array([2, 1])
BINARY = check.exercises["binary_cross_entropy"].right(Z5, Y5).mean()


def test_losses_of_scores_agree():
    expected = cross_entropy(BATCH, LABELS)
    x, z, y = tf.Variable(BATCH.astype("float32")), Z5.astype("float32"), Y5.astype("float32")
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, x)
    binary = keras.losses.BinaryCrossentropy(from_logits=True)(y, z)
    np.testing.assert_allclose([loss, binary], [expected, BINARY], rtol=1e-5)
    np.testing.assert_allclose(
        tape.gradient(loss, x), cross_entropy_backward(BATCH, LABELS), rtol=1e-4
    )
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=x)
    np.testing.assert_allclose(tf.reduce_mean(losses), expected, rtol=1e-5)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)
    np.testing.assert_allclose(tf.reduce_mean(losses), BINARY, rtol=1e-5)

    scores = torch.tensor(BATCH, requires_grad=True)
    loss = functional.cross_entropy(scores, torch.tensor(LABELS))
    loss.backward()
    binary = functional.binary_cross_entropy_with_logits(torch.tensor(Z5), torch.tensor(Y5))
    np.testing.assert_allclose([loss.item(), binary.item()], [expected, BINARY])
    np.testing.assert_allclose(scores.grad, cross_entropy_backward(BATCH, LABELS), atol=1e-12)


def test_softmax_twice_is_never_cheap():
    perfect = torch.tensor([[0.0, 0.0, 1.0]])
    loss = functional.cross_entropy(perfect, torch.tensor([2]))
    assert loss.item() == pytest.approx(np.log(np.e + 2) - 1, abs=1e-6)


def test_keras_recovers_the_scores_of_a_softmax_layer_and_clips_bare_probabilities():
    model = keras.Sequential([keras.Input((1,)), layers.Dense(2, activation="softmax")])
    model.layers[0].bias.assign([1000.0, 0.0])
    loss, images, label = keras.losses.SparseCategoricalCrossentropy(), np.zeros((1, 1)), [1]
    with tf.GradientTape() as tape:
        value = loss(np.array(label), model(images))
    assert float(value) == 1000
    np.testing.assert_array_equal(tape.gradient(value, model.layers[0].bias), [1, -1])
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    assert model.evaluate(images, np.array(label), verbose=0) == 1000
    bare = tf.Variable([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        clipped = loss(np.array(label), bare)
    assert float(clipped) == pytest.approx(-np.log(1e-7), abs=1e-3)
    np.testing.assert_array_equal(tape.gradient(clipped, bare), 0)


@pytest.mark.parametrize("label", range(3))
def test_scores_as_probabilities_have_no_gradient(label):
    scores = tf.Variable([[1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy()(np.array([label]), scores)
    assert float(loss) == pytest.approx(np.log(3), abs=1e-6)
    np.testing.assert_array_equal(tape.gradient(loss, scores), 0)


@pytest.mark.parametrize(
    ("weights", "from_logits", "low", "high"),
    [("zeros", True, 0.85, 0.9), ("zeros", False, 0.05, 0.15), ("glorot_uniform", False, 0.1, 0.6)],
)
def test_a_network_without_from_logits_learns_badly_or_not_at_all(weights, from_logits, low, high):
    data = digits()
    X, X_test = data.train_images.reshape(1500, 64), data.test_images.reshape(297, 64)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10, kernel_initializer=weights)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(X, data.train_labels, epochs=20, verbose=0)
    last, accuracy = model.evaluate(X_test, data.test_labels, verbose=0)
    assert low < accuracy < high
    if weights == "zeros" and not from_logits:
        assert last == pytest.approx(np.log(10), abs=1e-5)
