# %% jupyter={"source_hidden": true} cellView="form"
# Run this cell; there is nothing to change in it. It prepares the cell below.
import importlib.util
import io
import pathlib
import sys
import tempfile
import zipfile

from convnet.downloads import DownloadError, pieces


def find_packages(name="BUNDLE", address="ADDRESS/BUNDLE"):
    """Find the packages that the lessons import beside this notebook, or download them."""
    if all(map(importlib.util.find_spec, ("convnet", "lesson_tools"))):
        return
    beside = pathlib.Path("..", "release", name), pathlib.Path("..", name)
    file = next(filter(is_bundle, beside), None) or downloaded(name, address)
    sys.path.insert(0, str(file.resolve()))


def downloaded(name, address):
    file, data = pathlib.Path(name), b""
    try:
        for piece, _ in pieces(address):
            data += piece
            print(f"\rDownloading {name}: {len(data) / 1e6:.1f} MB", end="")
        if not is_bundle(io.BytesIO(data)):
            raise DownloadError(
                "the response is not that file; a login page or a proxy may have answered"
            )
    except DownloadError as error:
        print()
        if is_bundle(file):
            print(f"{error}: going on with the {name} beside this notebook.")
            return file
        raise DownloadError(
            f"{name}, which this lesson needs, could not be downloaded: {error}. Run this cell "
            f"again, or download {address} yourself and put it beside this notebook (in Colab: "
            "into the folder of the Files panel)."
        ) from None
    print()
    try:
        file.write_bytes(data)
    except OSError:  # this folder cannot be written to
        file = pathlib.Path(tempfile.mkdtemp(), name)
        file.write_bytes(data)
    return file


def is_bundle(file):
    try:
        with zipfile.ZipFile(file) as archive:
            return "lesson_tools/__init__.py" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
