"""The bonus exercises accept solutions in other styles, and name what students get wrong."""

import textwrap

import numpy as np
import pytest

from convnet.functional import conv2d, relu
from lesson_tools.bonus.questions import box_iou, check


def written(text):
    """Return the function that a student writes into a cell."""
    namespace = {"np": np, "conv2d": conv2d, "relu": relu, "box_iou": box_iou}
    exec(textwrap.dedent(text), namespace)
    return next(value for name, value in namespace.items() if name in check.exercises)


RIGHT = {
    "residual_block, without the functions of the course": """
        def residual_block(x, W_1, W_2, W_s, stride):
            F = conv2d(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), W_1, stride=stride)
            F = conv2d(np.maximum(F, 0), W_2, padding=1)
            if W_s is not None:
                x = x[:, ::stride, ::stride] @ W_s[0, 0]
            return np.maximum(x + F, 0)
        """,
    "residual_block, in place": """
        def residual_block(x, W_1, W_2, W_s, stride):
            F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
            F += conv2d(x, W_s, stride=stride) if W_s is not None else x
            F *= F > 0
            return F
        """,
    "mask_iou, a loop and a list": """
        def mask_iou(truth, predicted):
            ious = []
            for T, P in zip(truth, predicted):
                ious.append((T & P).sum() / (T | P).sum() if (T | P).any() else 1)
            return ious
        """,
    "mask_iou, products of masks and a small constant": """
        def mask_iou(truth, predicted):
            both = np.sum(truth * predicted, axis=(1, 2))
            either = np.sum(truth, axis=(1, 2)) + np.sum(predicted, axis=(1, 2)) - both
            return (both + 1e-9) / (either + 1e-9)
        """,
    "suppress, a loop over the boxes that are kept": """
        def suppress(boxes, scores, iou_threshold):
            kept = []
            for number in np.argsort(scores)[::-1]:
                if not kept or box_iou(boxes[number], boxes[kept]).max() <= iou_threshold:
                    kept.append(number)
            return np.array(kept, dtype=int)
        """,
}

WRONG = {
    """
    def residual_block(x, W_1, W_2, W_s, stride):
        A = relu(conv2d(x, W_1, stride=stride, padding=1))
        return relu(conv2d(A, W_2, padding=1) + x)
    """: "the shortcut is a projection of x",
    """
    def residual_block(x, W_1, W_2, W_s, stride):
        A = relu(conv2d(x, W_1, stride=stride, padding=1))
        A = relu(conv2d(A, W_2, padding=1))
        return relu(A + (x if W_s is None else conv2d(x, W_s, stride=stride)))
    """: "There is a ReLU too many",
    """
    def residual_block(x, W_1, W_2, W_s, stride):
        A = relu(conv2d(x, W_1, stride=stride, padding=1))
        A = conv2d(A, W_2, stride=stride, padding=1)
        return relu(A + (x if W_s is None else conv2d(x, W_s, stride=stride)))
    """: "Only the first convolution has the stride",
    """
    def residual_block(x, W_1, W_2, W_s, stride):
        A = relu(conv2d(x, W_1, stride=stride, padding=1))
        return conv2d(A, W_2, padding=1) + (x if W_s is None else conv2d(x, W_s, stride=stride))
    """: "A ReLU follows the sum",
    """
    def mask_iou(truth, predicted):
        both = (truth & predicted).sum(axis=(1, 2))
        return both / ((truth | predicted).sum(axis=(1, 2)) + 1e-9)
    """: "Where both masks are empty, the prediction is right",
    """
    def mask_iou(truth, predicted):
        with np.errstate(all="ignore"):
            return (truth & predicted).sum((1, 2)) / (truth | predicted).sum((1, 2))
    """: "0 / 0 is nan",
    """
    def mask_iou(truth, predicted):
        with np.errstate(all="ignore"):
            return np.sum(truth & predicted) / np.sum(truth | predicted)
    """: "That is one number for the whole batch",
    """
    def mask_iou(truth, predicted):
        both = (truth & predicted).sum(axis=(1, 2))
        total = truth.sum(axis=(1, 2)) + predicted.sum(axis=(1, 2))
        return np.where(total == 0, 1, 2 * both / np.where(total == 0, 1, total))
    """: "That is the Dice coefficient: it counts",
    """
    def suppress(boxes, scores, iou_threshold):
        kept, order = [], np.argsort(-scores)
        while len(order):
            kept.append(order[0])
            order = order[1:][box_iou(boxes[order[0]], boxes[order[1:]]) < iou_threshold]
        return kept
    """: "A box whose IoU equals the threshold is kept",
    """
    def suppress(boxes, scores, iou_threshold):
        order = np.argsort(-scores)
        better = [box_iou(boxes[n], boxes[order[:k]]) for k, n in enumerate(order)]
        return [n for n, ious in zip(order, better) if not (ious > iou_threshold).any()]
    """: "A box that was deleted must not delete others",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_solution_in_another_style_is_right(text, capsys):
    function = written(text)
    check(function.__name__, function)
    assert f"{function.__name__}: right, in" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "comment"), WRONG.items(), ids=WRONG.values())
def test_a_wrong_solution_gets_the_comment_on_its_mistake(text, comment):
    function = written(text)
    with pytest.raises(AssertionError) as failed:
        check(function.__name__, function)
    assert comment in failed.value.text


def test_a_comment_is_not_given_to_another_mistake():
    """A wrong function without a name of its own gets the exercise's hint."""
    others = {
        "residual_block": lambda x, W_1, W_2, W_s, stride: x - 1,
        "mask_iou": lambda truth, predicted: truth.any(axis=(1, 2)) * 0.5,
        "suppress": lambda boxes, scores, t: [0, 0],
    }
    for name, function in others.items():
        with pytest.raises(AssertionError) as failed:
            check(name, function)
        assert check.exercises[name].hint in failed.value.text
