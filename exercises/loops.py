"""Loop implementations of convolution, pooling and their gradients, written for readability.

The notebooks' solution cells and given cells are built from this source. The lines between the
SOLUTION markers are what students write. Vectorized solutions with the same names and results are
in `exercises.vectorized`.

Arrays are channels-last, `(m, n_H, n_W, n_C)`, and `pad` is the number of zeros on each side.
"Convolution" means cross-correlation, as in every CNN library: the filter is not flipped.
"""

import numpy as np

__all__ = [
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "conv_transpose_forward",
    "create_mask_from_window",
    "dense_as_convolution",
    "distribute_value",
    "one_by_one_forward",
    "pool_backward",
    "pool_forward",
    "zero_pad",
]


def zero_pad(X, pad):
    """
    Pad the height and width of every image in a batch with zeros.

    Arguments:
    X -- images, float array of shape (m, n_H, n_W, n_C)
    pad -- number of zeros on each side of the height and of the width, an integer

    Returns:
    X_pad -- padded images, array of shape (m, n_H + 2 * pad, n_W + 2 * pad, n_C)
    """
    ### BEGIN SOLUTION
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant")
    ### END SOLUTION

    return X_pad


def conv_single_step(a_slice_prev, W, b):
    """
    Apply one filter to one window of the input.

    Arguments:
    a_slice_prev -- window of the input, float array of shape (f, f, n_C_prev)
    W -- weights of the filter, float array of shape (f, f, n_C_prev)
    b -- bias of the filter, float array of shape (1, 1, 1)

    Returns:
    Z -- a single number: the sum of all products, plus the bias
    """
    ### BEGIN SOLUTION
    s = a_slice_prev * W
    Z = np.sum(s) + b.item()
    ### END SOLUTION

    return Z


def conv_forward(A_prev, W, b, hparameters):
    """
    Slide every filter over every image of a batch.

    Arguments:
    A_prev -- output of the previous layer, float array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    W -- weights, float array of shape (f, f, n_C_prev, n_C)
    b -- biases, float array of shape (1, 1, 1, n_C)
    hparameters -- dictionary with the integers "stride" and "pad"

    Returns:
    Z -- output of the convolution, array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, W, b, hparameters), which conv_backward needs
    """
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]

    # 1. Compute n_H and n_W, the height and width of the output.
    # 2. Make Z, an array of zeros of shape (m, n_H, n_W, n_C), and A_prev_pad, the padded input.
    # 3. For every example i, row h, column w and filter c of the output: find the corners of the
    #    window, cut the window out of A_prev_pad, and compute Z[i, h, w, c] with conv_single_step.
    ### BEGIN SOLUTION
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    weights = W[:, :, :, c]
                    biases = b[:, :, :, c]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, weights, biases)
    ### END SOLUTION

    cache = (A_prev, W, b, hparameters)
    return Z, cache


def pool_forward(A_prev, hparameters, mode="max"):
    """
    Summarize every window of every channel by its maximum or its average.

    Arguments:
    A_prev -- output of the previous layer, float array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    hparameters -- dictionary with the integers "f", the size of the window, and "stride"
    mode -- "max" or "average"

    Returns:
    A -- output of the pooling layer, array of shape (m, n_H, n_W, n_C_prev)
    cache -- the tuple (A_prev, hparameters), which pool_backward needs
    """
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = hparameters["f"]
    stride = hparameters["stride"]

    # 1. Compute n_H and n_W, the height and width of the output. There is no padding here.
    # 2. Make A, an array of zeros of shape (m, n_H, n_W, n_C_prev).
    # 3. For every example i, row h, column w and channel c of the output: find the corners of the
    #    window, cut the window out of channel c, and store its maximum or its average.
    ### BEGIN SOLUTION
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    n_C = n_C_prev
    A = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_prev_slice = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_prev_slice)
                    elif mode == "average":
                        A[i, h, w, c] = np.mean(a_prev_slice)
    ### END SOLUTION

    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ, cache):
    """
    Compute the backward pass of a convolution layer.

    Arguments:
    dZ -- gradient of the cost with respect to Z, float array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, W, b, hparameters) that conv_forward returned

    Returns:
    dA_prev -- gradient with respect to A_prev, array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    dW -- gradient with respect to W, array of shape (f, f, n_C_prev, n_C)
    db -- gradient with respect to b, array of shape (1, 1, 1, n_C)
    """
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    (m, n_H, n_W, n_C) = dZ.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]

    # 1. Start dA_prev, dW and db as zeros; pad A_prev and dA_prev.
    # 2. For every example i, row h, column w and filter c of dZ: find the window as in the forward
    #    pass, and add this output's contribution to the padded dA_prev, to dW and to db.
    # 3. Cut the padding off again. Mind pad = 0: the slice [pad:-pad] is empty then.
    ### BEGIN SOLUTION
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                da_slice = da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]  # a view
                for c in range(n_C):
                    da_slice += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i] = da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]
    ### END SOLUTION

    return dA_prev, dW, db


def create_mask_from_window(x):
    """
    Mark where the maximum of a window is.

    Arguments:
    x -- one window, 2-D float array

    Returns:
    mask -- array of the shape of x, True at the maximum and False elsewhere
    """
    ### BEGIN SOLUTION
    mask = x == np.max(x)
    ### END SOLUTION

    return mask


def distribute_value(dz, shape):
    """
    Spread one number evenly over a window.

    Arguments:
    dz -- a number, float or integer
    shape -- the tuple (n_H, n_W) of integers, the size of the window

    Returns:
    a -- array of the given shape whose equal entries add up to dz
    """
    ### BEGIN SOLUTION
    (n_H, n_W) = shape
    average = dz / (n_H * n_W)
    a = np.full(shape, average)
    ### END SOLUTION

    return a


def pool_backward(dA, cache, mode="max"):
    """
    Compute the backward pass of a pooling layer.

    Arguments:
    dA -- gradient of the cost with respect to A, float array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, hparameters) that pool_forward returned
    mode -- "max" or "average"

    Returns:
    dA_prev -- gradient with respect to A_prev, an array of the same shape as A_prev
    """
    (A_prev, hparameters) = cache
    f = hparameters["f"]
    stride = hparameters["stride"]
    (m, n_H, n_W, n_C) = dA.shape

    # 1. Start dA_prev as zeros of the shape of A_prev.
    # 2. For every example i, row h, column w and channel c of dA: find the window as in the forward
    #    pass, and add this output's gradient there: through create_mask_from_window if mode is
    #    "max", through distribute_value if it is "average".
    ### BEGIN SOLUTION
    dA_prev = np.zeros(A_prev.shape)

    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    da = dA[i, h, w, c]
                    if mode == "max":
                        window = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                        share = create_mask_from_window(window) * da
                    elif mode == "average":
                        share = distribute_value(da, (f, f))
                    dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share
    ### END SOLUTION

    return dA_prev


def conv_transpose_forward(A_prev, W, b, hparameters):
    """
    Add a scaled copy of the filters to the output for every input value, a stride apart.

    Arguments:
    A_prev -- output of the previous layer, float array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    W -- weights, float array of shape (f, f, n_C, n_C_prev)
    b -- biases, float array of shape (1, 1, 1, n_C)
    hparameters -- dictionary with the integers "stride", "pad" and "output_pad"

    Returns:
    Z -- output of the transposed convolution, array of shape (m, n_H, n_W, n_C)
    cache -- the tuple (A_prev, W, b, hparameters), which a backward pass needs
    """
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C, n_C_prev) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    output_pad = hparameters.get("output_pad", 0)

    # 1. Compute n_H and n_W, the height and width of the output.
    # 2. Create a canvas of zeros with room for every copy, before anything is cropped.
    # 3. For every example i, row h, column w and channel k of the input: find its window on the
    #    canvas, and add the scaled copy of its filters there.
    # 4. Crop the canvas, and add the biases: that is Z.
    ### BEGIN SOLUTION
    n_H = stride * (n_H_prev - 1) + f - 2 * pad + output_pad
    n_W = stride * (n_W_prev - 1) + f - 2 * pad + output_pad
    canvas = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))

    for i in range(m):
        for h in range(n_H_prev):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W_prev):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for k in range(n_C_prev):
                    scaled = A_prev[i, h, w, k] * W[:, :, :, k]
                    canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += scaled

    Z = canvas[:, pad : pad + n_H, pad : pad + n_W, :] + b
    ### END SOLUTION

    cache = (A_prev, W, b, hparameters)
    return Z, cache


def one_by_one_forward(A_prev, W, b):
    """
    Apply the same fully connected layer to every pixel of every image.

    Arguments:
    A_prev -- output of the previous layer, float array of shape (m, n_H, n_W, n_C_prev)
    W -- weights, float array of shape (1, 1, n_C_prev, n_C)
    b -- biases, float array of shape (1, 1, 1, n_C)

    Returns:
    Z -- output of the 1x1 convolution, array of shape (m, n_H, n_W, n_C)
    """
    (m, n_H, n_W, n_C_prev) = A_prev.shape
    n_C = W.shape[3]

    # 1. Make Z, an array of zeros.
    # 2. For every example i, row h and column w: take the pixel, a vector of n_C_prev numbers, and
    #    store in Z the output of a fully connected layer with these weights and biases.
    ### BEGIN SOLUTION
    weights = W[0, 0]
    biases = b[0, 0, 0]
    Z = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                pixel = A_prev[i, h, w]
                Z[i, h, w] = np.dot(pixel, weights) + biases
    ### END SOLUTION

    return Z


def dense_as_convolution(W, b, f):
    """
    Turn the weights of a fully connected layer that follows a flattened image into filters.

    Arguments:
    W -- weights of the layer, float or integer array of shape (f * f * n_C_prev, n_C)
    b -- its biases, float array of shape (1, n_C)
    f -- height and width of the image that was flattened, an integer

    Returns:
    W_conv -- the same weights as filters, array of shape (f, f, n_C_prev, n_C)
    b_conv -- the same biases, array of shape (1, 1, 1, n_C)
    """
    (n_prev, n_C) = W.shape

    # 1. Compute n_C_prev, the number of channels of the image, and make W_conv and b_conv, zeros.
    # 2. For every unit c: give the column c of W the shape of an image, and store it as the filter
    #    c of W_conv; store the bias of the unit in b_conv.
    ### BEGIN SOLUTION
    n_C_prev = n_prev // (f * f)
    W_conv = np.zeros((f, f, n_C_prev, n_C))
    b_conv = np.zeros((1, 1, 1, n_C))

    for c in range(n_C):
        W_conv[:, :, :, c] = W[:, c].reshape(f, f, n_C_prev)
        b_conv[:, :, :, c] = b[0, c]
    ### END SOLUTION

    return W_conv, b_conv
