"""Winograd's minimal filtering: n outputs of a kernel of f weights with n + f - 1 multiplications.

In one dimension and for n = 2, f = 3, with inputs d0 to d3 and weights w0 to w2, the two outputs ::

    y0 = d0 w0 + d1 w1 + d2 w2 = m0 + m1 + m2      m0 = (d0 - d2) w0
    y1 = d1 w0 + d2 w1 + d3 w2 = m1 - m2 + m3      m1 = (d1 + d2) (w0 + w1 + w2) / 2
                                                   m2 = (d2 - d1) (w0 - w1 + w2) / 2
                                                   m3 = (d3 - d1) w2

take four multiplications instead of six: y = A [(G w) * (B d)] with ::

    A = 1  1  1  0      B = 1  0 -1  0      G =  1    0    0
        0  1 -1  1          0  1  1  0          1/2  1/2  1/2
                            0 -1  1  0          1/2 -1/2  1/2
                            0 -1  0  1           0    0    1

Such matrices follow from the multiplication of polynomials. The values of a product at the points
t are the products of the values: u(t) w(t). If u has n coefficients and w has f, the product has
n + f - 1, and its values at as many points determine them. With the Vandermonde matrix V of
the points, coefficients c and values v are related by v = V c, so

    u w = V^-1 [ (V_f w) * (V_n u) ]

where V_n consists of the first n columns of V. One point may be infinity, where the value is the
last coefficient. Filtering is the transpose of multiplying by w: if the coefficients of u w are
M u, the matrix M has in column k the weights, from row k on, and M' d = y. So

    y = V_n' [ (V_f w) * (V^-1' d) ]        A = V_n', B = V^-1', G = V_f

A row of B may be multiplied by a number if the row of G is divided by it. In two dimensions, A, B
and G are the Kronecker products of each matrix with itself. The more points, the larger the numbers
in the matrices, and the larger the rounding errors. Pairs such as 2 and -1/2 keep them smaller than
2 and -2.

Sources: Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms
for convolutional neural networks", arXiv:1509.09308; Barabasz, Anderson, Soodhalter and Gregg,
"Error analysis and improving the accuracy of Winograd convolution for deep neural networks",
arXiv:1803.10986, on points.
"""

from functools import cache

import numpy as np

from convnet.tiles import Method

__all__ = ["winograd"]

POINTS = (0, 1, -1, 2, -1 / 2, -2, 1 / 2)  # and infinity


@cache
def winograd(n: int, f: int) -> Method:
    """Derive the matrices for n x n outputs of an f x f kernel.

    Parameters
    ----------
    n, f : int
        Height and width of a tile of outputs, and of the kernel; n + f - 1 is at most 8.

    Returns
    -------
    method : convnet.tiles.Method
        With (n + f - 1)^2 multiplications.

    Examples
    --------
    >>> winograd(4, 3).B.shape
    (36, 36)
    """
    points = np.array(POINTS[: n + f - 2], float)
    A, G = _vandermonde(points, n).T, _vandermonde(points, f)
    B = np.linalg.inv(_vandermonde(points, n + f - 1)).T
    # Moves the denominators of Lagrange's polynomials from B to G.
    scale = np.array([[np.prod(point - points[points != point])] for point in points])
    B[:-1] *= scale
    G[:-1] /= scale
    return Method(n, f, *(np.kron(matrix, matrix) for matrix in (A, B, G)))


def _vandermonde(points: np.ndarray, columns: int) -> np.ndarray:
    """Return the matrix that maps coefficients to the values at the points and at infinity."""
    infinity = [0] * (columns - 1) + [1]
    return np.vstack([np.vander(points, columns, increasing=True), infinity])
