"""The data sets, from a local server: small files in the published formats."""

import errno
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from convnet import data
from convnet.data import (
    SAMPLE_IMAGES,
    SAMPLES,
    DataError,
    cache_folder,
    cifar10,
    digits,
    fashion_mnist,
    load_digits,
    load_sample_image,
)
from convnet.downloads import pieces
from tests import publisher as how
from tests.files import files_of
from tests.publisher import closed_port, published

pooch = pytest.importorskip("pooch")
pytest.importorskip("rich.progress")

# Files in the published formats: few images of random bytes.

rng = np.random.default_rng(0)
CLOTHES = {
    "train-images": rng.integers(0, 256, (6, 28, 28), np.uint8),
    "train-labels": np.array([9, 0, 0, 3, 0, 2], np.uint8),
    "t10k-images": rng.integers(0, 256, (2, 28, 28), np.uint8),
    "t10k-labels": np.array([9, 2], np.uint8),
}
PICTURES = rng.integers(0, 256, (12, 3, 32, 32), np.uint8)  # two for each of six files
PICTURE_LABELS = np.arange(12, dtype=np.uint8) % 10
for some in (CLOTHES["train-images"], CLOTHES["t10k-images"], PICTURES):
    some.flat[:2] = 0, 255


def idx(array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes())


def cifar_archive():
    records = np.column_stack([PICTURE_LABELS, PICTURES.reshape(12, -1)])
    names = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, part in zip(names, np.split(records, 6), strict=True):
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = part.nbytes
            archive.addfile(entry, io.BytesIO(part.tobytes()))
    return file.getvalue()


CLOTHES_FILES = {f"{name}-idx{a.ndim}-ubyte.gz": idx(a) for name, a in CLOTHES.items()}
PICTURE_FILES = {"cifar-10-binary.tar.gz": cifar_archive()}
FILES = CLOTHES_FILES | PICTURE_FILES


def sums(files):
    return {name: hashlib.md5(content).hexdigest() for name, content in files.items()}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CONVNET_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(data, "FASHION_MNIST_FILES", sums(CLOTHES_FILES))
    monkeypatch.setattr(data, "CIFAR10_FILES", sums(PICTURE_FILES))
    return tmp_path / "cache"


@pytest.fixture
def publisher(monkeypatch):
    with published(FILES) as server:
        point_to(monkeypatch, server.address)
        yield server


def point_to(monkeypatch, address):
    monkeypatch.setattr(data, "FASHION_MNIST", address)
    monkeypatch.setattr(data, "CIFAR10", address)


LOADERS = {"fashion-mnist": fashion_mnist, "cifar-10": cifar10}
FILES_OF = {
    folder: {f"{folder}/{name}": content for name, content in files.items()}
    for folder, files in [("fashion-mnist", CLOTHES_FILES), ("cifar-10", PICTURE_FILES)]
}

each_loader = pytest.mark.parametrize("folder", LOADERS)


def fill(cache, folder):
    for name, content in FILES_OF[folder].items():
        path = cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


# Loaded data


@each_loader
def test_the_first_use_downloads_into_the_cache_and_the_second_asks_nobody(
    publisher, cache, folder
):
    first = LOADERS[folder]()
    assert publisher.asked == [name.partition("/")[2] for name in FILES_OF[folder]]
    assert files_of(cache) == FILES_OF[folder]
    publisher.asked.clear()
    second = LOADERS[folder]()
    assert publisher.asked == []
    for got, expected in zip(second[:4], first[:4], strict=True):
        np.testing.assert_array_equal(got, expected)


@each_loader
def test_images_are_float32_from_0_to_1_and_labels_count_from_0(publisher, folder):
    sets = LOADERS[folder]()
    m, m_test, shape = {"fashion-mnist": (6, 2, (28, 28, 1)), "cifar-10": (10, 2, (32, 32, 3))}[
        folder
    ]
    assert sets.train_images.shape == (m, *shape)
    assert sets.test_images.shape == (m_test, *shape)
    assert sets.train_labels.shape == (m,)
    assert sets.test_labels.shape == (m_test,)
    for images in (sets.train_images, sets.test_images):
        assert images.dtype == np.float32
        assert images.flags.c_contiguous
    for labels in (sets.train_labels, sets.test_labels):
        assert labels.dtype == np.int64
        assert set(labels) <= set(range(len(sets.names)))
    assert (sets.train_images.min(), sets.train_images.max()) == (0, 1)
    assert len(sets.names) == len(set(sets.names)) == 10


def test_fashion_mnist_is_what_its_four_files_hold(publisher):
    sets = fashion_mnist()
    for got, name in zip(sets[:4], CLOTHES, strict=True):
        scale = 255 if "images" in name else 1
        np.testing.assert_array_equal(
            np.rint(got * scale).reshape(CLOTHES[name].shape), CLOTHES[name]
        )
    assert sets.names[9] == "Ankle boot"


def test_cifar10_has_its_colors_on_the_last_axis_and_its_last_file_to_test_with(publisher):
    sets = cifar10()
    images = np.concatenate([sets.train_images, sets.test_images])
    for color in range(3):  # red, green, blue
        np.testing.assert_array_equal(np.rint(images[..., color] * 255), PICTURES[:, color])
    np.testing.assert_array_equal(sets.train_labels, PICTURE_LABELS[:10])
    np.testing.assert_array_equal(sets.test_labels, PICTURE_LABELS[10:])
    assert sets.names[6] == "frog"


def test_the_digits_need_no_file():
    sets = digits()
    assert sets.train_images.shape == (1500, 8, 8, 1)
    assert sets.test_images.shape == (297, 8, 8, 1)
    for images, labels in [sets[:2], sets[2:4]]:
        assert images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
        assert labels.dtype == np.int64
        assert labels.shape == images.shape[:1]
        assert set(labels) == set(range(10))
    assert sets.names == tuple("0123456789")


def test_the_digits_and_the_photographs_are_those_of_scikit_learn():
    published = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    for name in ("images", "target"):
        ours, theirs = (
            load()[name] for load in (lambda: load_digits()._asdict(), published.load_digits)
        )
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    for name in ("china.jpg", "flower.jpg"):
        np.testing.assert_array_equal(load_sample_image(name), published.load_sample_image(name))


def test_each_sample_image_has_the_shape_of_the_docstring():
    rows = re.findall(r"^ +(\S+\.(?:jpg|png)) .*(\(.+\))$", load_sample_image.__doc__, re.M)
    assert [name for name, _ in rows] == list(SAMPLE_IMAGES)
    for name, shape in rows:
        image = load_sample_image(name)
        assert (str(image.shape), image.dtype) == (shape, np.uint8), name
        assert np.ptp(image) > 100, name


def test_each_sample_image_has_a_license_and_each_file_a_name():
    notice = (SAMPLES / "NOTICE.md").read_text("utf-8")
    files = {file.name for file in SAMPLES.iterdir()}
    assert files - {"NOTICE.md"} == {*SAMPLE_IMAGES, "digits.npz"}
    assert all(f"`{name}`" in notice for name in files - {"NOTICE.md"})


def test_an_unknown_sample_image_is_refused():
    with pytest.raises(ValueError, match="no sample image 'cat.jpg': choose one of .*'coins.jpg'"):
        load_sample_image("cat.jpg")


def test_without_the_package_that_downloads_the_error_says_where_to_go(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)  # as in a browser
    with pytest.raises(DataError, match="pooch is missing.* in Colab"):
        fashion_mnist()


def test_a_download_shows_its_bar_and_nothing_else(monkeypatch, publisher, capfd):
    logged, name = [], "cifar-10-binary.tar.gz"
    log = pooch.get_logger()
    monkeypatch.setattr(log, "filters", [logged.append])
    log.info("before")
    cifar10()
    log.info("after")
    assert [record.msg for record in logged] == ["before", "after"]
    shown = capfd.readouterr()
    assert set(line.split(":")[0] for line in shown.err.split("\r")) <= {"", name, name + "\n"}
    assert name in shown.err and shown.out == ""
    cifar10()
    assert capfd.readouterr() == ("", "")


def test_a_downloaded_file_may_be_read_by_all(publisher, cache):
    path = fill_by_downloading(cache)
    assert path.stat().st_mode & 0o777 == 0o644


def fill_by_downloading(cache):
    cifar10()
    return cache / "cifar-10/cifar-10-binary.tar.gz"


# Folders of downloads


def test_the_home_folder_may_be_written_as_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONVNET_DATA", "~/data")
    assert cache_folder() == tmp_path / "data"


@pytest.mark.parametrize("named", [None, ""])
def test_the_users_cache_is_the_default(monkeypatch, named):
    if named is None:
        monkeypatch.delenv("CONVNET_DATA")
    else:
        monkeypatch.setenv("CONVNET_DATA", named)
    assert cache_folder() == Path(pooch.os_cache("convnet"))


# Errors

ANOTHER_FILE = (
    "the response is not the published file: its MD5 sum is different; a login page or a proxy may "
    "have answered. Run this again, or put"
)
BROKEN = {  # answer of the server; message of the error
    "half of the file": (how.half, "the connection to 127.0.0.1 broke off. Run this again, or put"),
    "half of a file of unknown size": (how.half_of_unknown_size, ANOTHER_FILE),
    "a login page": (how.login_page, ANOTHER_FILE),
    "404": (how.missing, "127.0.0.1 answers 404 Not Found. Run this again, or put"),
    "hangs up": (how.hang_up, "the connection to 127.0.0.1 broke off. Run this again, or put"),
    "silence": (how.silence, "127.0.0.1 did not answer for 2 seconds. Run this again, or put"),
}


@pytest.mark.parametrize(("answer", "reason"), BROKEN.values(), ids=BROKEN)
@each_loader
def test_a_broken_download_says_what_to_do_and_leaves_no_file(
    publisher, cache, monkeypatch, folder, answer, reason
):
    publisher.answer = answer
    with monkeypatch.context() as patch, pytest.raises(DataError) as raised:
        if answer is how.silence:  # a busy machine may be slow to send the other answers
            patch.setattr(data, "pieces", partial(pieces, silence=2))
        LOADERS[folder]()
    path, content = next(iter(FILES_OF[folder].items()))
    name = Path(path).name
    assert str(raised.value).startswith(f"{name} could not be downloaded: {reason}")
    md5 = hashlib.md5(content).hexdigest()
    by_hand = (
        f"put the file there yourself: {publisher.address}{name} (MD5 {md5}) as {cache / path}."
    )
    assert str(raised.value).endswith(by_hand)
    assert raised.value.__suppress_context__
    assert files_of(cache) == {}

    publisher.answer = how.whole
    publisher.end.set()
    LOADERS[folder]()
    assert files_of(cache) == FILES_OF[folder]


@each_loader
def test_without_a_network_the_error_is_short_and_nothing_is_shown(
    monkeypatch, cache, folder, capfd
):
    point_to(monkeypatch, f"http://127.0.0.1:{closed_port()}/")
    with pytest.raises(DataError, match="there is no connection to 127.0.0.1. Run") as raised:
        LOADERS[folder]()
    assert raised.value.__suppress_context__
    assert files_of(cache) == {}
    assert capfd.readouterr() == ("", "")


def test_a_publisher_without_a_certificate_is_not_believed(monkeypatch, publisher, cache):
    point_to(monkeypatch, publisher.address.replace("http:", "https:"))
    with pytest.raises(DataError, match="127.0.0.1 cannot prove who it is; a login page"):
        cifar10()
    assert files_of(cache) == {}


def test_a_full_disk_is_named(monkeypatch, publisher, cache):
    def until_the_disk_is_full(address):
        yield b"all that fits", None
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(data, "pieces", until_the_disk_is_full)
    with pytest.raises(DataError, match="the disk of .*cifar-10 is full. Make room, or name anoth"):
        cifar10()
    assert files_of(cache) == {}


@pytest.mark.parametrize("content", [b"another file", PICTURE_FILES["cifar-10-binary.tar.gz"][:-9]])
def test_a_damaged_file_in_the_cache_is_named_and_left_as_it_was(publisher, cache, content):
    path = fill(cache, "cifar-10")
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        cifar10()
    assert str(raised.value) == (
        f"{path} is damaged or is another file (its MD5 sum is not the published one). Nothing was "
        "changed. Move the file and run this again to download it."
    )
    assert path.read_bytes() == content
    assert publisher.asked == []


UNREADABLE = {
    "cut off": lambda content: content[: len(content) // 2],
    "not compressed": lambda content: content[:10] + b"\xff" * 99,
    "something else": lambda content: gzip.compress(b"something else", mtime=0),
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", UNREADABLE.values(), ids=UNREADABLE)
@each_loader
def test_a_file_of_the_right_sum_that_cannot_be_read_is_named_too(
    monkeypatch, publisher, cache, folder, damage
):
    damaged = {name: damage(content) for name, content in FILES.items()}
    monkeypatch.setattr(data, "FASHION_MNIST_FILES", sums({n: damaged[n] for n in CLOTHES_FILES}))
    monkeypatch.setattr(data, "CIFAR10_FILES", sums({n: damaged[n] for n in PICTURE_FILES}))
    publisher.answer = lambda request, content: how.whole(request, damage(content))
    path = cache / next(iter(FILES_OF[folder]))
    with pytest.raises(DataError, match=f"^{path} is damaged or is another file"):
        LOADERS[folder]()


# Folders of other users


@contextmanager
def not_mine(mode):
    """Return a folder with the permissions `mode`, for a user who cannot override them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        user = os.geteuid()
        (folder / "cifar-10").mkdir()
        fill(folder, "cifar-10").chmod(0o644)
        (folder / "cifar-10").chmod(0o755)
        folder.chmod(mode)
        try:
            if user == 0:
                os.seteuid(65534)
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


def test_a_folder_that_may_only_be_read_is_enough_where_the_files_are_there(monkeypatch, publisher):
    with not_mine(0o555) as folder:
        monkeypatch.setenv("CONVNET_DATA", str(folder))
        assert cifar10().test_labels.tolist() == [0, 1]
    assert publisher.asked == []


def test_a_folder_that_may_not_be_written_to_is_named(monkeypatch, publisher):
    with not_mine(0o555) as folder:
        monkeypatch.setenv("CONVNET_DATA", str(folder))
        reason = (
            f"{folder}/fashion-mnist cannot be created or written to. Name a folder that you may"
        )
        with pytest.raises(DataError, match=reason):
            fashion_mnist()
        assert set(files_of(folder)) == set(FILES_OF["cifar-10"])
    assert publisher.asked == []


def test_a_folder_that_may_not_be_entered_is_named(monkeypatch, publisher):
    with not_mine(0o000) as folder:
        monkeypatch.setenv("CONVNET_DATA", str(folder))
        with pytest.raises(DataError, match=r"cannot be read \(Permission denied\). Ask its owner"):
            cifar10()
    assert publisher.asked == []


def test_a_file_in_the_place_of_the_folder_is_named(publisher, cache):
    cache.write_bytes(b"not a folder")
    with pytest.raises(
        DataError, match=f"{cache}/cifar-10 cannot be created or written to. Name a"
    ):
        cifar10()
    assert cache.read_bytes() == b"not a folder"


# The published files, if they are available

GIVEN = os.environ.get("CONVNET_DATA")
PUBLISHED = {  # number of training images; means of the channels
    "fashion-mnist": (60_000, [0.2860]),
    "cifar-10": (50_000, [0.4914, 0.4822, 0.4465]),
}


@each_loader
def test_the_published_files_hold_the_published_numbers(monkeypatch, folder):
    if not GIVEN:
        pytest.skip("CONVNET_DATA names no folder with the published files")
    monkeypatch.undo()
    if not any((cache_folder() / folder).glob("*")):
        pytest.skip(f"{folder} is not in the folder that CONVNET_DATA names")
    m, means = PUBLISHED[folder]
    sets = LOADERS[folder]()
    for labels, count in [(sets.train_labels, m), (sets.test_labels, 10_000)]:
        assert np.bincount(labels).tolist() == [count // 10] * 10
    got = np.mean(sets.train_images, axis=(0, 1, 2), dtype=np.float64)
    np.testing.assert_allclose(got, means, atol=5.1e-5)
