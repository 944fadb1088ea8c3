"""Compare every layer of convnet with PyTorch and TensorFlow: time, results, memory.

    .venv-frameworks/bin/python -m benchmarks.layers.speed [--rounds 9] [--write]

Each library uses one thread, in one process; VGG-16 is also measured with two threads, in a
separate process. In each round, every library does a forward and a backward pass on the same
float32 numbers, repeated until ours take 10 ms, one library after the other; a ratio is the median,
over the rounds, of our time over the other's. Arrays have each library's default layout: channels
last for ours and TensorFlow's, channels first for PyTorch's. `difference` is the largest difference
between our results (output and gradients) and PyTorch's, relative to the largest value of each.
`memory` is the peak memory of our passes in addition to their inputs, relative to the size of
inputs and results. `over im2col` compares the method that is chosen for a convolution with
`convnet.im2col`, in the same rounds.

OpenBLAS, PyTorch and TensorFlow choose their code by the processor. Variables of the environment
that overrule them are ignored. On a processor with AVX-512, everything is measured a second time
without these instructions, as on the many processors that do not have them.

--write puts the tables into speed.md.
"""

import os

# Before NumPy is imported.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = os.environ.get("BENCHMARK_THREADS", "1")
WITHOUT_AVX512 = {
    "OPENBLAS_CORETYPE": "Haswell",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
for variable in (*WITHOUT_AVX512, "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
if os.environ.get("BENCHMARK_AVX2"):
    os.environ |= WITHOUT_AVX512
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import math
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from threadpoolctl import threadpool_info
from tqdm import tqdm

from benchmarks._figures import argument_parser, show_figures
from benchmarks.lessons.fashion_mnist import torch_lenet
from convnet import functional, im2col, tiles
from convnet.fourier import fourier
from convnet.models import lenet
from convnet.training import Adam, train
from convnet.winograd import winograd

THREADS = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(THREADS)
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)

TO_FIRST = (0, 3, 1, 2)  # from channels last to channels first
TO_LAST = (0, 2, 3, 1)


@dataclass(frozen=True)
class Subject:
    """One layer at one size.

    Attributes
    ----------
    inputs
        Shapes of the input arrays, each of which gets a gradient.
    ours
        (forward, backward): from the inputs to the output and backward's cache; from the gradient,
        the inputs and the cache to the gradients.
    theirs, tensorflow
        The same computation, as a function of the library's tensors.
    axes
        Transposition of each input for PyTorch.
    output
        Transposition of PyTorch's output for us.
    plain
        Our computation with im2col instead of the method that convnet chooses.
    """

    kind: str
    title: str
    inputs: tuple[tuple[int, ...], ...]
    ours: tuple[Callable, Callable]
    theirs: Callable
    tensorflow: Callable
    axes: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    plain: tuple[Callable, Callable] | None = None


def convolution(m, n, n_C_prev, f, n_C, stride=1, pad=0, kind="convolution"):
    borders = [[0, 0], [pad, pad], [pad, pad], [0, 0]]
    title = f"({m},{n},{n},{n_C_prev}), {n_C} of {f}x{f}"
    title += f", stride {stride}" * (stride > 1) + f", pad {pad}" * (pad > 0)
    return Subject(
        kind,
        title,
        ((m, n, n, n_C_prev), (f, f, n_C_prev, n_C), (n_C,)),
        (
            lambda x, W, b: (functional.conv2d(x, W, b, stride, pad),),
            lambda dy, x, W, b: functional.conv2d_backward(dy, x, W, stride, pad),
        ),
        lambda x, w, b: F.conv2d(x, w, b, stride, pad),
        lambda x, w, b: tf.nn.conv2d(x, w, stride, borders if pad else "VALID") + b,
        (TO_FIRST, (3, 2, 0, 1), (0,)),
        TO_LAST,
        (
            lambda x, W, b: (im2col.convolve(x, W, b, (stride, stride), pad),),
            lambda dy, x, W, b: (
                im2col.input_gradient(dy, W, x.shape[1:3], (stride, stride), pad),
                im2col.weight_gradient(x, dy, (f, f), (stride, stride), pad),
                im2col.bias_gradient(dy),
            ),
        ),
    )


def transposed(m, n, n_C_prev, f, n_C, stride, pad, output_pad=0):
    size = stride * (n - 1) + f - 2 * pad + output_pad
    borders = [[0, 0], [pad, pad], [pad, pad], [0, 0]]
    return Subject(
        "transposed convolution",
        f"({m},{n},{n},{n_C_prev}), {n_C} of {f}x{f}, stride {stride}, pad {pad}",
        ((m, n, n, n_C_prev), (f, f, n_C, n_C_prev), (n_C,)),
        (
            lambda x, W, b: (functional.conv_transpose2d(x, W, b, stride, pad, output_pad),),
            lambda dy, x, W, b: functional.conv_transpose2d_backward(
                dy, x, W, stride, pad, output_pad
            ),
        ),
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride, pad, output_pad),
        lambda x, w, b: (
            tf.nn.conv2d_transpose(x, w, (m, size, size, n_C), stride, borders if pad else "VALID")
            + b
        ),
        (TO_FIRST, (3, 2, 0, 1), (0,)),
        TO_LAST,
    )


def dense(m, n_prev, n):
    return Subject(
        "dense",
        f"({m},{n_prev}), {n} units",
        ((m, n_prev), (n_prev, n), (n,)),
        (
            lambda x, W, b: (functional.linear(x, W, b),),
            lambda dy, x, W, b: functional.linear_backward(dy, x, W),
        ),
        lambda x, w, b: F.linear(x, w, b),
        lambda x, w, b: tf.matmul(x, w) + b,
        ((0, 1), (1, 0), (0,)),
        (0, 1),
    )


def pooling(mode, m, n, n_C, f, stride):
    names = {"max": "max_pool2d", "average": "avg_pool2d"}
    pool, backward = (getattr(functional, f"{names[mode]}{part}") for part in ("", "_backward"))
    theirs = F.max_pool2d if mode == "max" else F.avg_pool2d
    tensorflow = tf.nn.max_pool2d if mode == "max" else tf.nn.avg_pool2d
    return Subject(
        f"{mode} pooling",
        f"({m},{n},{n},{n_C}), {f}x{f}, stride {stride}",
        ((m, n, n, n_C),),
        (
            lambda x: (pool(x, f, stride),),
            lambda dy, x: (backward(dy, x, f, stride),),
        ),
        lambda x: theirs(x, f, stride),
        lambda x: tensorflow(x, f, stride, "VALID"),
        (TO_FIRST,),
        TO_LAST,
    )


def relu(*shape):
    return Subject(
        "ReLU",
        str(shape).replace(" ", ""),
        (shape,),
        (
            lambda x: (functional.relu(x),),
            lambda dy, x: (functional.relu_backward(dy, x),),
        ),
        F.relu,
        tf.nn.relu,
        (TO_FIRST,),
        TO_LAST,
    )


def batch_norm(*shape):
    def tensorflow(x, gamma, beta):
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-5)

    return Subject(
        "batch normalization",
        str(shape).replace(" ", ""),
        (shape, shape[-1:], shape[-1:]),
        (
            functional.batch_norm,
            lambda dy, x, gamma, beta, *statistics: functional.batch_norm_backward(
                dy, x, gamma, *statistics
            ),
        ),
        lambda x, gamma, beta: F.batch_norm(x, None, None, gamma, beta, training=True),
        tensorflow,
        (TO_FIRST, (0,), (0,)),
        TO_LAST,
    )


PRODUCTS = [
    convolution(32, 56, 64, 3, 64, pad=1),
    convolution(32, 28, 32, 3, 64),
    convolution(32, 12, 128, 3, 256),
    convolution(4, 112, 32, 3, 64, pad=1),
    convolution(32, 56, 64, 3, 128, stride=2, pad=1),
    convolution(32, 28, 1, 5, 6, pad=2),
    convolution(32, 14, 6, 5, 16),
    convolution(32, 28, 1, 7, 32),
    convolution(16, 14, 64, 5, 64, pad=2),
    convolution(32, 22, 32, 7, 64),
    convolution(8, 28, 64, 7, 64, pad=3),
    convolution(8, 224, 3, 7, 64, stride=2, pad=3),
    convolution(32, 28, 128, 1, 128, kind="1x1 convolution"),
    convolution(32, 14, 256, 1, 64, kind="1x1 convolution"),
    convolution(8, 56, 64, 1, 256, kind="1x1 convolution"),
    transposed(16, 14, 64, 4, 32, 2, 1),
    transposed(16, 28, 32, 3, 16, 2, 1, 1),
    transposed(32, 7, 128, 4, 64, 2, 1),
    transposed(8, 28, 64, 3, 64, 1, 1),
    dense(32, 400, 120),
    dense(256, 1024, 1024),
    dense(64, 4096, 512),
]
BOUND_BY_MEMORY = [
    relu(32, 56, 56, 64),
    relu(32, 28, 28, 6),
    pooling("max", 32, 56, 64, 2, 2),
    pooling("max", 32, 28, 6, 2, 2),
    pooling("max", 32, 55, 64, 3, 2),
    pooling("average", 32, 56, 64, 2, 2),
    pooling("average", 32, 28, 6, 2, 2),
    batch_norm(32, 56, 56, 64),
    batch_norm(32, 14, 14, 16),
]


@dataclass
class Result:
    """The seconds of each round: ours, PyTorch's, TensorFlow's, im2col's; other measurements."""

    subject: Subject
    seconds: np.ndarray
    difference: float
    memory: float

    def ratio(self, other: int) -> float:
        return statistics.median(self.seconds[:, 0] / self.seconds[:, other])


def measure(subject: Subject, rounds: int) -> Result:
    """Time a subject in all libraries, in turn, and compare the results."""
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in subject.inputs]
    forward, backward = subject.ours
    output, *_ = forward(*inputs)
    gradient = rng.standard_normal(output.shape).astype(np.float32)

    tensors = [
        torch.tensor(np.ascontiguousarray(a.transpose(axes)), requires_grad=True)
        for a, axes in zip(inputs, subject.axes, strict=True)
    ]
    to_theirs = tuple(np.argsort(subject.output))
    their_gradient = torch.tensor(np.ascontiguousarray(gradient.transpose(to_theirs)))
    variables = [tf.constant(a) for a in inputs]
    tf_gradient = tf.constant(gradient)

    def ours():
        _, *more = forward(*inputs)
        return backward(gradient, *inputs, *more)

    def theirs():
        return torch.autograd.grad(subject.theirs(*tensors), tensors, their_gradient)

    @tf.function
    def compiled(*given):
        with tf.GradientTape() as tape:
            tape.watch(given)
            result = subject.tensorflow(*given)
        return tape.gradient(result, given, tf_gradient)

    def tensorflow():
        return [a.numpy() for a in compiled(*variables)]

    def plain():
        first, second = subject.plain or subject.ours
        _, *more = first(*inputs)
        return second(gradient, *inputs, *more)

    results = [output, *ours()]
    right = [subject.theirs(*tensors).detach().numpy().transpose(subject.output)]
    for tensor, axes in zip(theirs(), subject.axes, strict=True):
        right.append(tensor.numpy().transpose(np.argsort(axes)))
    difference = max(
        float(np.abs(a - b.reshape(a.shape)).max() / np.abs(b).max())
        for a, b in zip(results, right, strict=True)
    )
    memory = peak(ours) / sum(a.nbytes for a in (*inputs, gradient, *results))
    tensorflow()
    repeat = max(1, math.ceil(0.01 / once(ours)))  # a tenth of a millisecond is hard to time
    seconds = [
        [
            sum(once(run) for _ in range(repeat)) / repeat
            for run in (ours, theirs, tensorflow, plain)
        ]
        for _ in range(rounds)
    ]
    return Result(subject, np.array(seconds), difference, memory)


def lenet_epochs(rounds: int, steps: int = 100) -> str:
    """Time LeNet's training in both libraries, some steps in turn, as seconds per 60,000 images."""
    rng = np.random.default_rng(0)
    images = rng.random((32 * steps, 28, 28, 1), np.float32)
    labels = rng.integers(0, 10, len(images))
    network, optimizer = lenet(), Adam()
    model = torch_lenet()
    theirs = torch.optim.Adam(model.parameters())
    their_images = torch.from_numpy(images.transpose(TO_FIRST).copy())
    their_labels = torch.from_numpy(labels)

    def ours():
        train(network, images, labels, epochs=1, optimizer=optimizer, progress=False)

    def pytorch():
        for picked in torch.randperm(len(labels)).split(32):
            theirs.zero_grad()
            cost = F.cross_entropy(model(their_images[picked]), their_labels[picked])
            cost.backward()
            theirs.step()

    seconds = np.array([[once(ours), once(pytorch)] for _ in range(rounds + 1)])[1:]
    ratio = statistics.median(seconds[:, 0] / seconds[:, 1])
    epoch = np.median(seconds, axis=0) * 60_000 / len(images)
    return (
        f"LeNet, an epoch of 60,000 images in batches of 32 with Adam, from {steps} batches a "
        f"round: ours {epoch[0]:.1f} s, PyTorch {epoch[1]:.1f} s, ratio {ratio:.2f}."
    )


def vgg(rounds: int) -> str:
    """Time the forward pass of VGG-16's convolutions on a photograph in the three libraries."""
    rng = np.random.default_rng(0)
    photo = load_sample_image("china.jpg")[None].astype(np.float32) / 255
    channels, layers = 3, []
    for n_C, count in zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3), strict=True):
        for _ in range(count):
            scale = math.sqrt(2 / (9 * channels))
            W = rng.normal(0, scale, (3, 3, channels, n_C)).astype(np.float32)
            layers.append((W, np.zeros(n_C, np.float32)))
            channels = n_C
        layers.append(None)  # pooling
    del layers[-1]
    their_layers = [
        layer and (torch.tensor(layer[0].transpose(3, 2, 0, 1).copy()), torch.tensor(layer[1]))
        for layer in layers
    ]
    their_photo = torch.tensor(photo.transpose(TO_FIRST).copy())

    def ours():
        x = photo
        for layer in layers:
            x = (
                functional.relu(functional.conv2d(x, *layer, padding=1))
                if layer
                else (functional.max_pool2d(x, 2))
            )
        return x

    def pytorch():
        x = their_photo
        with torch.inference_mode():
            for layer in their_layers:
                x = F.relu(F.conv2d(x, *layer, padding=1)) if layer else F.max_pool2d(x, 2)
        return x.numpy().transpose(TO_LAST)

    @tf.function
    def compiled(x):
        for layer in layers:
            if layer:
                x = tf.nn.relu(tf.nn.conv2d(x, layer[0], 1, "SAME") + layer[1])
            else:
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        return x

    def tensorflow():
        return compiled(tf.constant(photo)).numpy()

    runs = (ours, pytorch, tensorflow)
    results = [run() for run in runs]
    difference = max(np.abs(results[0] - other).max() / other.max() for other in results[1:])
    seconds = np.array([[once(run) for run in runs] for _ in range(rounds)])
    over = [statistics.median(seconds[:, 0] / seconds[:, i]) for i in (1, 2)]
    times = [f"{median:.2f} s" for median in np.median(seconds, axis=0)]
    size = "x".join(map(str, photo.shape[1:3]))
    return (
        f"| {THREADS} | {size} | {' | '.join(times)} | {over[0]:.2f} | {over[1]:.2f} "
        f"| {difference:.0e} |"
    )


def vgg_with(threads: int, rounds: int) -> str:
    """Run `vgg` in a separate process, with this number of threads."""
    command = [sys.executable, "-m", "benchmarks.layers.speed", "--vgg", "--rounds", str(rounds)]
    environment = os.environ | {"BENCHMARK_THREADS": str(threads)}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def once(run) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def peak(run) -> float:
    """Return the peak memory of a call in bytes, in addition to the memory allocated before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def table(results: list[Result]) -> list[str]:
    lines = [
        "| layer | size | ours, ms | over PyTorch | over TensorFlow | over im2col | difference "
        "| memory |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        milliseconds = 1000 * statistics.median(result.seconds[:, 0])
        cells = [result.subject.kind, result.subject.title, f"{milliseconds:.2f}"]
        cells += [f"{result.ratio(1):.2f}", f"{result.ratio(2):.2f}"]
        cells += [f"{result.ratio(3):.2f}" if result.subject.plain else ""]
        cells += [f"{result.difference:.0e}", f"{result.memory:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def errors() -> list[str]:
    """Compare the methods with im2col in float64: largest error over largest value."""
    lines = [
        "| method | kernel | channels | result | gradient of the input | of the weights |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    named = [("im2col", None), ("Winograd, 4x4", winograd), ("Fourier, 6x6", fourier)]
    for name, derive in named:
        for f in (3, 5, 7) if derive is not winograd else (3, 5):
            for n_C in (16, 256):
                largest = _errors(derive and derive(4 if derive is winograd else 6, f), f, n_C)
                cells = [name, f"{f}x{f}", str(n_C), *(f"{error:.0e}" for error in largest)]
                lines.append(f"| {' | '.join(cells)} |")
    return lines


def _errors(method, f: int, n_C: int) -> list[float]:
    rng = np.random.default_rng(0)
    shapes = ((8, 28, 28, n_C), (f, f, n_C, n_C), (8, 28, 28, n_C))
    x, W, dy = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    pad = f // 2

    def plain(x, W, dy):
        return (
            im2col.convolve(x, W, None, (1, 1), pad),
            im2col.input_gradient(dy, W, x.shape[1:3], (1, 1), pad),
            im2col.weight_gradient(x, dy, (f, f), (1, 1), pad),
        )

    exact = plain(*(array.astype(np.float64) for array in (x, W, dy)))
    ours = plain(x, W, dy)
    if method:
        ours = (
            tiles.convolve(x, W, None, pad, method),
            tiles.input_gradient(dy, W, pad, method),
            tiles.weight_gradient(x, dy, pad, method),
        )
    return [np.abs(a - b).max() / np.abs(b).max() for a, b in zip(ours, exact, strict=True)]


def summary(results: list[Result], title: str) -> str:
    ratios = [result.ratio(1) for result in results]
    mean = statistics.geometric_mean(ratios)
    spread = f"from {min(ratios):.2f} to {max(ratios):.2f}"
    return f"{title}: geometric mean over PyTorch {mean:.2f}, {spread}."


def report(rounds: int) -> list[str]:
    """Return all measurements with the present settings."""
    products, bound = (
        [measure(subject, rounds) for subject in tqdm(part, unit="layer")]
        for part in (PRODUCTS, BOUND_BY_MEMORY)
    )
    return [
        f"NumPy's OpenBLAS uses its code for {kernels()}.",
        "",
        summary(products, "Convolutions and dense"),
        "",
        *table(products),
        "",
        summary(bound, "Layers that memory bounds"),
        "",
        *table(bound),
        "",
        lenet_epochs(rounds),
        "",
        "VGG-16's thirteen convolutions, each with its ReLU, and max pooling, on one photograph, "
        "forward, with random weights:",
        "",
        "| threads | pixels | ours | PyTorch | TensorFlow | over PyTorch | over TensorFlow "
        "| difference |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
        *(vgg_with(threads, rounds) for threads in (1, 2)),
        "",
    ]


def kernels() -> str:
    """Return the name of the processor for which OpenBLAS's code was written."""
    parts = (part for part in threadpool_info() if "numpy.libs" in part["filepath"])
    return next(parts)["architecture"]  # SciPy has an OpenBLAS of its own


def main() -> int:
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--vgg", action="store_true", help="only the row of VGG-16")
    parser.add_argument("--report", action="store_true", help="only the tables of the layers")
    given = parser.parse_args()
    if given.vgg:
        print(vgg(given.rounds))
        return 0
    if given.report:
        print("\n".join(report(given.rounds)))
        return 0
    lines = [
        f"NumPy {np.__version__}, PyTorch {torch.__version__}, TensorFlow {tf.__version__}; "
        f"medians of {given.rounds} rounds, one thread, float32, forward and backward.",
        "",
        "Largest errors, relative to the largest value of the exact result (im2col in float64):",
        "",
        *errors(),
        "",
        "## With all instructions of the processor",
        "",
        *report(given.rounds),
    ]
    if "AVX512F" in np.show_config("dicts")["SIMD Extensions"]["found"]:
        command = [sys.executable, "-m", "benchmarks.layers.speed", "--report"]
        command += ["--rounds", str(given.rounds)]
        environment = os.environ | {"BENCHMARK_AVX2": "1"}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        lines += ["## Without AVX-512", "", done.stdout]
    show_figures(__file__, "\n".join(lines), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
