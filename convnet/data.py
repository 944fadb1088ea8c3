"""Load data sets as arrays: Fashion-MNIST and CIFAR-10 by download, others offline.

`fashion_mnist` and `cifar10` download their files on first use, check them against the published
MD5 sums and store them in the folder `cache_folder()`. Without internet access, copy the files
there yourself: the error about a missing file names its address and its folder. Both functions, and
`digits`, whose data come with the course, return a `Dataset`: float32 images `(m, n_H, n_W, n_C)`
with values from 0 to 1, and labels `(m,)` from 0 on. `load_sample_image` reads one of the
images that come with the course.
"""

import errno
import gzip
import itertools
import os
import tarfile
import warnings
import zlib
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np

from convnet.downloads import DownloadError, pieces

__all__ = [
    "Dataset",
    "DataError",
    "cache_folder",
    "cifar10",
    "digits",
    "fashion_mnist",
    "load_digits",
    "load_sample_image",
]

CACHE_VARIABLE = "CONVNET_DATA"

# Exceptions raised when a file does not have the expected format.
UNREADABLE = (LookupError, ValueError, EOFError, OSError, tarfile.TarError, zlib.error)

# Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
# algorithms", 2017; the MD5 sums are from github.com/zalandoresearch/fashion-mnist.
FASHION_MNIST = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
FASHION_MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
FASHION_MNIST_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag"),
    "Ankle boot",
)

# Krizhevsky, "Learning multiple layers of features from tiny images", 2009. The binary version is
# used because the Python version is a pickle, which can run code.
CIFAR10 = "https://www.cs.toronto.edu/~kriz/"
CIFAR10_FILES = {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}
CIFAR10_NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship"),
    "truck",
)

SAMPLES = resources.files("convnet") / "samples"  # convnet may lie in a zip file
SAMPLE_IMAGES = (
    *("china.jpg", "flower.jpg", "astronaut.jpg", "chelsea.jpg", "satellite.jpg", "retina.jpg"),
    *("brick.jpg", "grass.jpg", "gravel.jpg", "coins.jpg", "page.png", "phantom.png"),
)
DIGITS_FOR_TRAINING = 1500  # of 1,797 digits


class Dataset(NamedTuple):
    """Images and labels to train with and to test with.

    Attributes
    ----------
    train_images, test_images : ndarray of float32, shape (m, n_H, n_W, n_C)
        Images, with values from 0 to 1.
    train_labels, test_labels : ndarray of int64, shape (m,)
        Their classes, from 0 to len(names) - 1.
    names : tuple of str
        Names of the classes.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    names: tuple[str, ...]


class DataError(DownloadError):
    """Raised if a missing or damaged file cannot be downloaded; the message says what to do."""


def cache_folder() -> Path:
    """Return the folder for downloads: CONVNET_DATA if set, else a folder in the user's cache."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("convnet"))


def fashion_mnist() -> Dataset:
    """Load Fashion-MNIST: photographs of clothes in ten classes, 60,000 and 10,000 of 28x28x1.

    Its four files, 30 MB, are in the folder fashion-mnist of `cache_folder()`; the arrays take
    220 MB.

    Raises
    ------
    DataError
        If a file is missing and cannot be downloaded, or differs from the published one.
    """
    arrays = [
        _read_idx(_file("fashion-mnist", FASHION_MNIST, name, md5))
        for name, md5 in FASHION_MNIST_FILES.items()
    ]
    train_images, train_labels, test_images, test_labels = arrays
    return Dataset(
        _images(train_images[..., None]),
        train_labels.astype(np.int64),
        _images(test_images[..., None]),
        test_labels.astype(np.int64),
        FASHION_MNIST_NAMES,
    )


def cifar10() -> Dataset:
    """Load CIFAR-10: photographs in ten classes, 50,000 and 10,000 of 32x32x3.

    The classes are animals and vehicles. The file, 170 MB, is in the folder cifar-10 of
    `cache_folder()`; the arrays take 740 MB.

    Raises
    ------
    DataError
        If the file is missing and cannot be downloaded, or differs from the published one.
    """
    ((name, md5),) = CIFAR10_FILES.items()
    path = _file("cifar-10", CIFAR10, name, md5)
    parts = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
    try:
        with tarfile.open(path) as archive:
            records = [_read_member(archive, f"cifar-10-batches-bin/{part}") for part in parts]
        # A record is a label, followed by the red, the green and the blue plane, row by row.
        rows = np.frombuffer(b"".join(records), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    except UNREADABLE as error:
        raise DataError(_damaged(path, error)) from error
    images = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    labels = rows[:, 0].astype(np.int64)
    train = len(rows) * 5 // 6
    return Dataset(
        _images(images[:train]),
        labels[:train],
        _images(images[train:]),
        labels[train:],
        CIFAR10_NAMES,
    )


def digits() -> Dataset:
    """Load handwritten digits of 8x8x1, 1,500 for training and 297 for testing, without a download.

    References
    ----------
    The test set of E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI
    machine learning repository, 1998, in the version of scikit-learn.
    """
    stored = load_digits()
    images, labels = (stored.images[..., None] / 16).astype(np.float32), stored.target
    train = slice(DIGITS_FOR_TRAINING)
    test = slice(DIGITS_FOR_TRAINING, None)
    names = tuple(map(str, range(10)))
    return Dataset(images[train], labels[train], images[test], labels[test], names)


class Digits(NamedTuple):
    """The handwritten digits in their stored form.

    Attributes
    ----------
    images : ndarray of float64, shape (1797, 8, 8)
        Images, with integer values from 0 to 16.
    target : ndarray of int64, shape (1797,)
        Digit of each image.
    """

    images: np.ndarray
    target: np.ndarray


def load_digits() -> Digits:
    """Load the handwritten digits in the form of `sklearn.datasets.load_digits`."""
    with (SAMPLES / "digits.npz").open("rb") as file, np.load(file) as stored:
        return Digits(stored["images"].astype(np.float64), stored["target"].astype(np.int64))


def load_sample_image(name: str) -> np.ndarray:
    """Load an image that comes with the course, like `sklearn.datasets.load_sample_image`.

    Parameters
    ----------
    name : str
        One of these names:

        =============  ===========================================  =============
        name           contents                                     shape
        =============  ===========================================  =============
        china.jpg      a tower by a lake                            (427, 640, 3)
        flower.jpg     a dahlia                                     (427, 640, 3)
        astronaut.jpg  Eileen Collins, an astronaut: a face         (320, 320, 3)
        chelsea.jpg    a cat's face                                 (266, 400, 3)
        satellite.jpg  Andros Island and clouds, from a satellite   (300, 300, 3)
        retina.jpg     the retina of a healthy eye                  (320, 320, 3)
        brick.jpg      bricks: a regular texture                    (256, 256)
        grass.jpg      grass: an irregular texture                  (256, 256)
        gravel.jpg     gravel: an irregular texture                 (256, 256)
        coins.jpg      24 ancient coins                             (303, 384)
        page.png       printed text under uneven light              (191, 384)
        phantom.png    a head as in a CT scan: Shepp-Logan phantom  (400, 400)
        =============  ===========================================  =============

    Returns
    -------
    image : ndarray of uint8, shape (n_H, n_W, 3) or (n_H, n_W)
        Red, green and blue, or grayscale, 0 to 255.

    Raises
    ------
    ValueError
        If there is no image of that name.

    Notes
    -----
    The sources and licenses are in convnet/samples/NOTICE.md.
    """
    from PIL import Image

    if name not in SAMPLE_IMAGES:
        raise ValueError(f"there is no sample image {name!r}: choose one of {list(SAMPLE_IMAGES)}")
    with (SAMPLES / name).open("rb") as file, Image.open(file) as image:
        return np.array(image)


def _images(bytes_: np.ndarray) -> np.ndarray:
    # Channels last in memory as well: by default, np.array would keep the file's order.
    return np.divide(bytes_, 255, dtype=np.float32, order="C")


def _read_member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the contents of a file in an archive; raise KeyError if there is no such file."""
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(f"the archive has no file {name}")
    return file.read()


def _file(folder: str, address: str, name: str, md5: str) -> Path:
    """Return the path of a published file; download it if it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about ipywidgets, needed only by pooch's own bar
            import pooch
    except ModuleNotFoundError:
        raise DataError(
            f"{name} cannot be downloaded here: the package pooch is missing, as it is in a "
            "browser. Run this in Jupyter on your own computer or in Colab."
        ) from None

    path = cache_folder() / folder / name
    try:
        actual = pooch.file_hash(str(path), alg="md5")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        actual = ""
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}). Ask its owner for permission, or name "
            f"another folder in the variable {CACHE_VARIABLE}."
        ) from error
    if not actual:
        _download(address + name, path, md5)
    elif actual != md5:
        raise DataError(_damaged(path, "its MD5 sum is not the published one"))
    return path


def _download(address: str, path: Path, md5: str) -> None:
    import pooch
    from tqdm import tqdm

    def write(address: str, file_name: str, _: object) -> None:
        came = pieces(address)
        first, size = next(came, (b"", None))  # draw the bar only once the download has started
        bar = tqdm(desc=path.name, total=size, unit="B", unit_scale=True)
        with open(file_name, "wb") as file, bar:
            for piece in itertools.chain([first], (piece for piece, _ in came)):
                bar.update(file.write(piece))

    log = pooch.get_logger()
    silent, log.disabled = log.disabled, True  # the bar already shows the download
    try:
        pooch.retrieve(address, f"md5:{md5}", fname=path.name, path=path.parent, downloader=write)
        path.chmod(0o644)  # the folder may be shared, but pooch makes files private to their owner
    except (DownloadError, OSError, ValueError) as error:
        reason, advice = _why(error, path.parent)
        raise DataError(
            f"{path.name} could not be downloaded: {reason}. {advice}, or put the file there "
            f"yourself: {address} (MD5 {md5}) as {path}."
        ) from None
    finally:
        log.disabled = silent


def _why(error: Exception, folder: Path) -> tuple[str, str]:
    """Return why a download failed, and the next step."""
    again, elsewhere = "Run this again", f"in the variable {CACHE_VARIABLE}"
    match error:
        case DownloadError():
            return str(error), again
        case ValueError():  # raised by pooch for a wrong MD5 sum
            return (
                "the response is not the published file: its MD5 sum is different; a login page or "
                "a proxy may have answered",
                again,
            )
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return f"the disk of {folder} is full", f"Make room, or name another folder {elsewhere}"
        case _:
            return (
                f"{folder} cannot be created or written to",
                f"Name a folder that you may write to {elsewhere}",
            )


def _damaged(path: Path, reason: object) -> str:
    return (
        f"{path} is damaged or is another file ({reason}). Nothing was changed. "
        "Move the file and run this again to download it."
    )


def _read_idx(path: Path) -> np.ndarray:
    """Read an array from an IDX file (see yann.lecun.com/exdb/mnist): sizes, then bytes."""
    try:
        with gzip.open(path) as file:
            zeros, dtype, axes = file.read(2), file.read(1), file.read(1)[0]
            if zeros != b"\0\0" or dtype != b"\x08":
                raise ValueError("not an IDX file of bytes")
            shape = [int.from_bytes(file.read(4), "big") for _ in range(axes)]
            return np.frombuffer(file.read(), np.uint8).reshape(shape)
    except UNREADABLE as error:
        raise DataError(_damaged(path, error)) from error
