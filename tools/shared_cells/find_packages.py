# %%
import importlib.util
import io
import pathlib
import sys
import tempfile
import urllib.request
import zipfile


def find_packages(
    name="BUNDLE",
    address="ADDRESS",
):
    if all(map(importlib.util.find_spec, ("convnet", "lesson_tools"))):
        return
    beside = pathlib.Path("..", "release", name), pathlib.Path("..", name)
    file = next(filter(pathlib.Path.exists, beside), None)
    if file is None:
        file = pathlib.Path(name)
        try:
            with urllib.request.urlopen(f"{address}/{name}", timeout=30) as answer:
                data = answer.read()
            if not zipfile.is_zipfile(io.BytesIO(data)):
                raise OSError("the download is not a zip file")
            try:
                file.write_bytes(data)
            except OSError:  # this folder cannot be written to
                file = pathlib.Path(tempfile.mkdtemp(), name)
                file.write_bytes(data)
        except OSError as error:
            if not file.exists():
                raise ModuleNotFoundError(
                    f"This needs {name}, which could not be fetched from {address}/{name} "
                    f"({error}). Check the connection and run this cell again, or put that file "
                    "beside this notebook."
                ) from None
    sys.path.insert(0, str(file.resolve()))
