"""Wrong solutions of create_mask_from_window that its known mistakes do not hold."""

import numpy as np

from tests.exercises.solutions.registry import wrong

wrong("create_mask_from_window", "the published mask", "the published mask")(
    lambda x: np.arange(x.size).reshape(x.shape) == 0
)
wrong("create_mask_from_window", "maximum of the last column")(lambda x: x == x[:, -1].max())
wrong("create_mask_from_window", "maximum of the first column")(lambda x: x == x[:, 0].max())
wrong("create_mask_from_window", "maximum of the last row")(lambda x: x == x[-1].max())
wrong("create_mask_from_window", "maximum of the first row")(lambda x: x == x[0].max())
wrong("create_mask_from_window", "maximum of the diagonal")(lambda x: x == np.diag(x).max())
wrong("create_mask_from_window", "the last entry")(
    lambda x: np.arange(x.size).reshape(x.shape) == x.size - 1
)
wrong("create_mask_from_window", "without the first entry")(
    lambda x: x == x.flat[1 if x.size > 1 else 0 :].max() if x.shape == (4, 5) else x == x.min()
)
wrong("create_mask_from_window", "nothing marked")(lambda x: np.zeros(x.shape, bool))
wrong("create_mask_from_window", "the place of the maximum")(lambda x: np.argmax(x))
wrong("create_mask_from_window", "place as an array")(lambda x: np.argwhere(x == x.max()))
wrong("create_mask_from_window", "above the mean")(lambda x: x >= x.mean())
wrong("create_mask_from_window", "the two largest")(lambda x: x >= np.sort(x, axis=None)[-2:][0])
wrong("create_mask_from_window", "divided by the maximum")(lambda x: x / x.max())
wrong("create_mask_from_window", "signs")(np.sign)
wrong("create_mask_from_window", "transposed")(lambda x: (x == x.max()).T)
wrong("create_mask_from_window", "mirrored")(lambda x: (x == x.max())[:, ::-1])
wrong("create_mask_from_window", "the maximum alone")(lambda x: x.max())
wrong("create_mask_from_window", "True")(lambda x: True)
wrong("create_mask_from_window", "for windows of 2x2")(lambda x: (x == x.max())[:2, :2])
