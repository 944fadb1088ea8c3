"""Wrong solutions of transposed_size that its known mistakes do not hold."""

from tests.exercises.solutions.registry import wrong

wrong("transposed_size", "n times the stride")(lambda n, f, stride, pad, extra: n * stride)
wrong("transposed_size", "the published formula, total padding", "padding on one side")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + extra + f - pad
)
wrong("transposed_size", "extra times the stride")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + extra * stride
)
wrong("transposed_size", "extra of one at least")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * pad + max(extra, stride - 1)
)
wrong("transposed_size", "pad for both", "output padding on both sides")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + f - 2 * (pad - extra)
)
wrong("transposed_size", "zeros between inputs")(
    lambda n, f, stride, pad, extra: stride * (n - 1) + 1 + 2 * (f - 1 - pad) + extra
)
wrong("transposed_size", "full convolution of n", "stride left out")(
    lambda n, f, stride, pad, extra: n + f - 1 - 2 * pad + extra
)
wrong("transposed_size", "divided")(lambda n, f, stride, pad, extra: (n - 1) / stride + f - 2 * pad)
wrong("transposed_size", "the input's size")(lambda n, f, stride, pad, extra: n)
wrong("transposed_size", "brackets forgotten")(
    lambda n, f, stride, pad, extra: stride * n - 1 + f - 2 * pad + extra
)
wrong("transposed_size", "three positions more")(
    lambda n, f, stride, pad, extra: stride * (n + 1) + f - 2 * pad + extra
)
wrong("transposed_size", "a string of both")(
    lambda n, f, stride, pad, extra: f"{stride * (n - 1) + f - 2 * pad + extra}"
)
