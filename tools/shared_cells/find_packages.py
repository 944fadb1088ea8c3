# %% jupyter={"source_hidden": true} cellView="form"
# Run this cell; there is nothing to change in it. It prepares the cell below.
import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import is_zipfile


def find_packages():
    """Find the packages that lessons import, or download them and compare their hash."""
    import hashlib
    import http.client
    import tempfile
    from urllib.request import urlopen

    if find_spec("convnet") and find_spec("lesson_tools"):
        return
    for file in (Path("../release/BUNDLE"), Path("../BUNDLE")):
        if is_zipfile(file):
            sys.path.insert(0, str(file.resolve()))
            return
    kept, beside, problems = Path("KEPT").resolve(), Path("BUNDLE").resolve(), []
    for address in (kept.as_uri(), beside.as_uri(), *("PINNED", "ADDRESS/BUNDLE") * 2):
        is_remote = address.startswith("http")
        if is_remote:
            print(f"Downloading {address}")
        try:
            with urlopen(address, timeout=15) as response:
                data = response.read()
        except (OSError, http.client.HTTPException) as error:
            problems += [f"{address}: {error}"] * is_remote
            continue
        if hashlib.sha256(data).hexdigest() == "DIGEST":
            break
        problems.append(f"{address} is not the file that belongs to this notebook")
    else:
        raise ConnectionError(
            f"the course's packages could not be loaded: {'; '.join(dict.fromkeys(problems))}. "
            "Check that this computer is online, and run this cell again. If that does not help, "
            "open the notebook anew from SOURCE, or download "
            "PINNED yourself and put it beside this notebook (in Colab: into the "
            "folder of the Files panel)."
        )
    try:
        kept.write_bytes(data)
    except OSError:  # this folder cannot be written to
        kept = Path(tempfile.mkdtemp(), kept.name)
        kept.write_bytes(data)
    sys.path.insert(0, str(kept))
