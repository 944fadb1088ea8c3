"""LeNet from the functions of the assignment `lenet`, with the published interface.

The notebook's solution cells and given cells are built from this source. The convolution and
pooling layers are those of `exercises.loops` without two of the four loops: at each position of the
window, NumPy computes all images and all filters or channels at once. This makes them fast enough
for training.
"""

import numpy as np

__all__ = [
    "conv_backward",
    "conv_forward",
    "dense_backward",
    "dense_forward",
    "lenet_forward",
    "lenet_gradients",
    "momentum_step",
    "pool_backward",
    "pool_forward",
    "softmax_cross_entropy",
]


def conv_forward(A_prev, W, b, hparameters):
    """Slide every filter over every image of a batch, all at once for each position."""
    (f, f, n_C_prev, n_C) = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    A_prev_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    n_H = (A_prev_pad.shape[1] - f) // stride + 1
    n_W = (A_prev_pad.shape[2] - f) // stride + 1
    filters = W.reshape(-1, n_C)  # one column per filter
    Z = np.zeros((len(A_prev), n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            rows = slice(h * stride, h * stride + f)
            columns = slice(w * stride, w * stride + f)
            windows = A_prev_pad[:, rows, columns, :].reshape(-1, len(filters))  # one row per image
            Z[:, h, w, :] = windows @ filters + b[0, 0, 0, :]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    """Compute the backward pass of a convolution layer."""
    (A_prev, W, b, hparameters) = cache
    (f, f, n_C_prev, n_C) = W.shape
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    A_prev_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    filters = W.reshape(-1, n_C)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dfilters = np.zeros(filters.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            rows = slice(h * stride, h * stride + f)
            columns = slice(w * stride, w * stride + f)
            windows = A_prev_pad[:, rows, columns, :]
            dz = dZ[:, h, w, :]
            dA_prev_pad[:, rows, columns, :] += (dz @ filters.T).reshape(windows.shape)
            dfilters += windows.reshape(-1, len(filters)).T @ dz
    dW = dfilters.reshape(W.shape)
    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :]
    db = dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
    return dA_prev, dW, db


def pool_forward(A_prev, hparameters, mode="max"):
    """Return the maximum or the average of every window of every channel."""
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C_prev))
    for h in range(n_H):
        for w in range(n_W):
            rows = slice(h * stride, h * stride + f)
            columns = slice(w * stride, w * stride + f)
            windows = A_prev[:, rows, columns, :]
            A[:, h, w, :] = windows.max((1, 2)) if mode == "max" else windows.mean((1, 2))
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    """Compute the backward pass of a pooling layer."""
    (A_prev, hparameters) = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            rows = slice(h * stride, h * stride + f)
            columns = slice(w * stride, w * stride + f)
            windows = A_prev[:, rows, columns, :]
            da = dA[:, h, w, :][:, None, None, :]
            if mode == "max":
                part = (windows == windows.max((1, 2), keepdims=True)) * da
            else:
                part = np.ones(windows.shape) * da / (f * f)
            dA_prev[:, rows, columns, :] += part
    return dA_prev


def dense_forward(A_prev, W, b):
    """
    Compute the forward pass of a fully connected layer.

    Arguments:
    A_prev -- output of the previous layer, float array of shape (m, n_prev)
    W -- weights, float array of shape (n_prev, n)
    b -- biases, float array of shape (1, n)

    Returns:
    Z -- output of the layer, array of shape (m, n)
    cache -- the tuple (A_prev, W, b), which dense_backward needs
    """
    ### BEGIN SOLUTION
    Z = A_prev @ W + b
    ### END SOLUTION

    cache = (A_prev, W, b)
    return Z, cache


def dense_backward(dZ, cache):
    """
    Compute the backward pass of a fully connected layer.

    Arguments:
    dZ -- gradient of the cost with respect to Z, float array of shape (m, n)
    cache -- the tuple (A_prev, W, b) that dense_forward returned

    Returns:
    dA_prev -- gradient with respect to A_prev, array of shape (m, n_prev)
    dW -- gradient with respect to W, array of shape (n_prev, n)
    db -- gradient with respect to b, array of shape (1, n)
    """
    (A_prev, W, b) = cache

    ### BEGIN SOLUTION
    dA_prev = dZ @ W.T
    dW = A_prev.T @ dZ
    db = dZ.sum(axis=0, keepdims=True)
    ### END SOLUTION

    return dA_prev, dW, db


def softmax_cross_entropy(scores, labels):
    """Compute the loss of scores, the mean cross-entropy, and its gradient with respect to them."""
    m = len(scores)
    shifted = scores - scores.max(axis=1, keepdims=True)  # so that exp does not overflow
    totals = np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(totals[:, 0]) - shifted[np.arange(m), labels])
    dscores = np.exp(shifted) / totals
    dscores[np.arange(m), labels] -= 1
    return loss, dscores / m


def lenet_forward(X, parameters):
    """
    Compute a score for every image and every class.

    Arguments:
    X -- images, float array of shape (m, n_H, n_W, n_C)
    parameters -- dictionary of float arrays, the weights "W1" to "W5" and biases "b1" to "b5"

    Returns:
    scores -- array of shape (m, number of classes)
    """
    ### BEGIN SOLUTION
    pool = {"f": 2, "stride": 2}

    Z1, _ = conv_forward(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 2})
    P1, _ = pool_forward(np.maximum(Z1, 0), pool)
    Z2, _ = conv_forward(P1, parameters["W2"], parameters["b2"], {"stride": 1, "pad": 0})
    P2, _ = pool_forward(np.maximum(Z2, 0), pool)
    flat = P2.reshape(len(X), -1)
    Z3, _ = dense_forward(flat, parameters["W3"], parameters["b3"])
    Z4, _ = dense_forward(np.maximum(Z3, 0), parameters["W4"], parameters["b4"])
    scores, _ = dense_forward(np.maximum(Z4, 0), parameters["W5"], parameters["b5"])
    ### END SOLUTION

    return scores


def lenet_gradients(X, labels, parameters):
    """
    Compute the loss of a batch, and its gradient with respect to every parameter.

    Arguments:
    X -- images, float array of shape (m, n_H, n_W, n_C)
    labels -- the correct classes from 0, integer array of shape (m,)
    parameters -- dictionary of float arrays, the weights "W1" to "W5" and biases "b1" to "b5"

    Returns:
    loss -- a number, the mean cross-entropy
    gradients -- dictionary with the names of parameters, and arrays of the same shapes
    """
    gradients = {}

    ### BEGIN SOLUTION
    pool = {"f": 2, "stride": 2}

    Z1, conv1 = conv_forward(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 2})
    P1, pool1 = pool_forward(np.maximum(Z1, 0), pool)
    Z2, conv2 = conv_forward(P1, parameters["W2"], parameters["b2"], {"stride": 1, "pad": 0})
    P2, pool2 = pool_forward(np.maximum(Z2, 0), pool)
    flat = P2.reshape(len(X), -1)
    Z3, dense3 = dense_forward(flat, parameters["W3"], parameters["b3"])
    Z4, dense4 = dense_forward(np.maximum(Z3, 0), parameters["W4"], parameters["b4"])
    scores, dense5 = dense_forward(np.maximum(Z4, 0), parameters["W5"], parameters["b5"])

    loss, dscores = softmax_cross_entropy(scores, labels)
    dA4, gradients["W5"], gradients["b5"] = dense_backward(dscores, dense5)
    dA3, gradients["W4"], gradients["b4"] = dense_backward(dA4 * (Z4 > 0), dense4)
    dflat, gradients["W3"], gradients["b3"] = dense_backward(dA3 * (Z3 > 0), dense3)
    dA2 = pool_backward(dflat.reshape(P2.shape), pool2)
    dP1, gradients["W2"], gradients["b2"] = conv_backward(dA2 * (Z2 > 0), conv2)
    dA1 = pool_backward(dP1, pool1)
    dX, gradients["W1"], gradients["b1"] = conv_backward(dA1 * (Z1 > 0), conv1)
    ### END SOLUTION

    return loss, gradients


def momentum_step(w, dw, velocity, learning_rate, momentum):
    """
    Take one step of gradient descent with momentum.

    Arguments:
    w -- a parameter, float array of any shape
    dw -- gradient of the loss with respect to w, float array of the same shape
    velocity -- velocity after the previous step, float array of the same shape
    learning_rate -- factor of the velocity in the step, a float
    momentum -- fraction of the velocity that is kept, a float from 0 to less than 1

    Returns:
    w -- the parameter after the step, a new array
    velocity -- the velocity after the step, a new array
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + dw
    w = w - learning_rate * velocity
    ### END SOLUTION

    return w, velocity
