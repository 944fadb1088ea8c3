"""Right but slow solutions of conv_forward, with code that students leave in their work."""

HEAD = """
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A = zero_pad(A_prev, pad)
"""
LOOPS = """
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                {per_window}
                for c in range(n_C):
                    a = A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
                    {per_step}
                    Z[i, h, w, c] = {value}
"""
TAIL = "    return Z, (A_prev, W, b, hparameters)\n"
STEP = "conv_single_step(a, W[..., c], b[..., c])"
BIAS = "b[0, 0, 0, c]"
PAIRS = "zip(a.ravel().tolist(), W[..., c].ravel().tolist())"


# A program computes its result several times, so that all take seconds of processor time.
REPEATED = """
_once = conv_forward

def conv_forward(*arguments):
    for repeated in range({}):
        result = _once(*arguments)
    return result
"""


def _loops(per_step="pass", value=STEP, first="", per_window="pass"):
    return first + HEAD + LOOPS.format(per_window=per_window, per_step=per_step, value=value) + TAIL


DEEP = """
    def step(number):
        if number == 0:
            return
        step(number - 1)
        i, h, w, c = np.unravel_index(number - 1, Z.shape)
        a = A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
        Z[i, h, w, c] = conv_single_step(a, W[..., c], b[..., c])
    sys.setrecursionlimit(20000)
    step(Z.size)
"""
POOL = """
import multiprocessing

def _channel(job):
    a, weights, bias = job
    return conv_single_step(a, weights, bias)
"""
IN_POOL = """
    jobs = [
        (A[i, h * stride:h * stride + f, w * stride:w * stride + f, :], W[..., c], b[..., c])
        for i in range(m) for h in range(n_H) for w in range(n_W) for c in range(n_C)
    ]
    with multiprocessing.Pool(2) as pool:
        Z = np.array(pool.map(_channel, jobs)).reshape(Z.shape)
"""
IN_THREADS = """
    def fill(i, h, w):
        for c in range(n_C):
            a = A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
            Z[i, h, w, c] = conv_single_step(a, W[..., c], b[..., c])
    for i in range(m):
        for h in range(n_H):
            threads = [threading.Thread(target=fill, args=(i, h, w)) for w in range(n_W)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
"""
PLAIN_LOOPS = """
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    total = 0.0
                    for r in range(f):
                        for q in range(f):
                            for k in range(n_C_prev):
                                total += A[i, h * stride + r, w * stride + q, k] * W[r, q, k, c]
                    Z[i, h, w, c] = total + b[0, 0, 0, c]
"""
VECTORIZE = """
    def at(i, h, w, c):
        a = A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
        return conv_single_step(a, W[..., c], b[..., c])
    if Z.size:
        Z = np.vectorize(at, otypes=[float])(*np.indices(Z.shape))
"""
GENERATORS = """
    def windows():
        for i, h, w, c in np.ndindex(Z.shape):
            yield (i, h, w, c), A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
    def products():
        for place, a in windows():
            yield place, (x * y for x, y in zip(a.ravel(), W[..., place[3]].ravel()))
    for place, numbers in products():
        Z[place] = math.fsum(numbers) + b[0, 0, 0, place[3]]
"""
PROGRESS = """
try:
    from tqdm import tqdm
except ImportError:
    import sys
    def tqdm(steps):
        for number, step in enumerate(steps):
            sys.stderr.write(f"\\r{number} of {len(steps)}")
            yield step
"""
WITH_PROGRESS = """
    for i in range(m):
        for h in range(n_H):
            for w in tqdm(range(n_W)):
                for c in tqdm(range(n_C)):
                    a = A[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[..., c], b[..., c])
"""
TABLE = """
try:
    import pandas as pd
    def product(a, weights):
        table = pd.DataFrame({"a": a.ravel(), "w": weights.ravel()})
        return (table["a"] * table["w"]).sum()
except ImportError:
    import csv, io
    def product(a, weights):
        file = io.StringIO()
        csv.writer(file).writerows(zip(map(repr, a.ravel().tolist()), weights.ravel().tolist()))
        file.seek(0)
        return sum(float(x) * float(y) for x, y in csv.reader(file))
"""

_PROGRAMS = {
    "prints arrays": _loops("print(a, W, b, A_prev)"),
    "plots per window": _loops(
        first="import matplotlib.pyplot as plt\n",
        per_window="figure = plt.figure(); figure.gca().plot([h, w]); plt.close(figure)",
    ),
    "deep recursion": "import sys\n" + HEAD + DEEP + TAIL,
    "tables": _loops(value=f"product(a, W[..., c]) + {BIAS}", first=TABLE),
    "generators": "import math\n" + HEAD + GENERATORS + TAIL,
    "loops alone": HEAD + PLAIN_LOOPS + TAIL,
    "progress bars": PROGRESS + HEAD + WITH_PROGRESS + TAIL,
    "string building": _loops("log = log + f'{i} {h} {w} {c} {a}\\n'", per_window="log = ''"),
    "Decimal": _loops(
        value=f"float(sum(Decimal(x) * Decimal(y) for x, y in {PAIRS}) + Decimal(float({BIAS})))",
        first="from decimal import Decimal\n",
    ),
    "Fraction": _loops(
        value=f"float(sum(Exact(x) * Exact(y) for x, y in {PAIRS}) + Exact(float({BIAS})))",
        first="from fractions import Fraction as Exact\n",
    ),
    "multiprocessing": POOL + HEAD + IN_POOL + TAIL,
    "threads": "import threading\n" + HEAD + IN_THREADS + TAIL,
    "file writing": _loops(
        "np.savetxt('window.txt', a.ravel()); "
        "a = np.loadtxt('window.txt', ndmin=1).reshape(a.shape)"
    ),
    "garbage collection": _loops(first="import gc\n", per_window="gc.collect()"),
    "numpy.vectorize": HEAD + VECTORIZE + TAIL,
    "logging": _loops(
        "logging.warning('%s %s', a, W)", first="import logging\nlogging.basicConfig(level=10)\n"
    ),
    "deep copies": _loops(
        "A, W = copy.deepcopy(A), copy.deepcopy([W] * 5)[0]", first="import copy\n"
    ),
    "JSON": _loops(
        "a = np.array(json.loads(json.dumps(A.tolist())))"
        "[i, h * stride:h * stride + f, w * stride:w * stride + f, :]",
        first="import json\n",
    ),
    "checks by assert": _loops(
        "assert all(np.allclose(zero_pad(A_prev, pad), A) for _ in range(5))"
    ),
    "short naps": _loops(per_window="time.sleep(0.001)", first="import time\n"),
}
_TIMES = {
    "prints arrays": 1,
    "plots per window": 1,
    "deep recursion": 100,
    "tables": 20,
    "generators": 100,
    "loops alone": 100,
    "progress bars": 15,
    "string building": 10,
    "Decimal": 30,
    "Fraction": 10,
    "multiprocessing": 2,
    "threads": 20,
    "file writing": 3,
    "garbage collection": 1,
    "numpy.vectorize": 100,
    "logging": 3,
    "deep copies": 50,
    "JSON": 5,
    "checks by assert": 5,
    "short naps": 5,
}
PROGRAMS = {name: text + REPEATED.format(_TIMES[name]) for name, text in _PROGRAMS.items()}
