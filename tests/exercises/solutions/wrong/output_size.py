"""Wrong solutions of output_size that its known mistakes do not hold."""

import numpy as np

from tests.exercises.solutions.registry import wrong

wrong("output_size", "the input's size")(lambda n, f, stride, pad: n)
wrong("output_size", "as SAME")(lambda n, f, stride, pad: -(-n // stride))
wrong("output_size", "stride is 1", "stride left out")(
    lambda n, f, stride, pad: n - f + 2 * pad + 1
)
wrong("output_size", "stride is f")(lambda n, f, stride, pad: (n - f + 2 * pad) // f + 1)
wrong("output_size", "f is 3")(lambda n, f, stride, pad: (n - 3 + 2 * pad) // stride + 1)
wrong("output_size", "pad subtracted")(lambda n, f, stride, pad: (n - f - 2 * pad) // stride + 1)
wrong("output_size", "multiplied by the stride")(
    lambda n, f, stride, pad: (n - f + 2 * pad) * stride + 1
)
wrong("output_size", "divided, then padded")(
    lambda n, f, stride, pad: (n - f) // stride + 1 + 2 * pad
)
wrong("output_size", "remainder")(lambda n, f, stride, pad: (n - f + 2 * pad) % stride + 1)
wrong("output_size", "brackets forgotten")(lambda n, f, stride, pad: n - f + 2 * pad // stride + 1)
wrong("output_size", "both sizes")(lambda n, f, stride, pad: (n, (n - f + 2 * pad) // stride + 1))
wrong("output_size", "an array of one")(
    lambda n, f, stride, pad: np.array([(n - f + 2 * pad) // stride + 1])
)
wrong("output_size", "transposed")(lambda n, f, stride, pad: stride * (n - 1) + f - 2 * pad)
