"""The layers written from their definitions: a loop over positions, slow and short."""

import numpy as np


def windows(x, f, stride, padding=0):
    """Yield ((h, w), window) for each position; a window covers all images, (m, f, f, n_C)."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    rows, columns = (range(0, n - f + 1, stride) for n in padded.shape[1:3])
    for h, top in enumerate(rows):
        for w, left in enumerate(columns):
            yield (h, w), padded[:, top : top + f, left : left + f]


def conv2d(x, W, b, stride, padding):
    found = dict(windows(x, len(W), stride, padding))
    y = np.empty((len(x), *np.add(max(found), 1), W.shape[3]))
    for (h, w), window in found.items():
        y[:, h, w] = np.einsum("irqk,rqkc->ic", window, W) + b
    return y


def conv2d_backward(dy, x, W, stride, padding):
    (m, n_H, n_W, n_C), f = x.shape, len(W)
    dx, dW = np.zeros((m, n_H + 2 * padding, n_W + 2 * padding, n_C)), np.zeros(W.shape)
    for (h, w), window in windows(x, f, stride, padding):
        dW += np.einsum("irqk,ic->rqkc", window, dy[:, h, w])
        place = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f]
        dx[place] += np.einsum("ic,rqkc->irqk", dy[:, h, w], W)
    return dx[:, padding : padding + n_H, padding : padding + n_W], dW, dy.sum(axis=(0, 1, 2))


def conv_transpose2d(x, W, b, stride, padding, output_padding):
    (m, n_H, n_W, _), (f, _, n_C_out, _) = x.shape, W.shape
    (height, width) = (stride * (n - 1) + f + output_padding for n in (n_H, n_W))
    padded = np.zeros((m, height, width, n_C_out))
    for h, w in np.ndindex(n_H, n_W):
        copies = np.einsum("ik,rqck->irqc", x[:, h, w], W)
        padded[:, h * stride : h * stride + f, w * stride : w * stride + f] += copies
    return padded[:, padding : height - padding, padding : width - padding] + b


def pool2d(x, f, stride, mode):
    found = dict(windows(x, f, stride))
    y = np.empty((len(x), *np.add(max(found), 1), x.shape[3]))
    for (h, w), window in found.items():
        y[:, h, w] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return y


def pool2d_backward(dy, x, f, stride, mode):
    dx = np.zeros(x.shape)
    for (h, w), window in windows(x, f, stride):
        largest = window == window.max(axis=(1, 2), keepdims=True)
        share = largest if mode == "max" else np.full(window.shape, 1 / f**2)
        place = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f]
        dx[place] += share * dy[:, h : h + 1, w : w + 1]
    return dx
