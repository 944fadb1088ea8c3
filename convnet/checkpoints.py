"""Save trained parameters to files and load them, with checks that they fit the network.

A file holds one array for each parameter and state of each layer, such as `1-Conv2D/W`, and a
description of the network. A checkpoint also holds the state from which training can resume.
Files are written atomically. A file whose name ends in .npz is a NumPy archive, which needs no
other package; any other file is an HDF5 file.
"""

import io
import json
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from convnet.network import Network
from convnet.types import Array, FilePath, Optimizer

__all__ = ["CheckpointError", "load_checkpoint", "load_weights", "save_checkpoint", "save_weights"]


Arrays = dict[str, Array]
Notes = dict[str, Any]


class CheckpointError(ValueError):
    """Raised if a file cannot be read or belongs to another network or training."""


def save_weights(path: FilePath, network: Network) -> None:
    """Write a network's parameters and state, for `load_weights`.

    Parameters
    ----------
    path : path
        File to write, HDF5 unless its name ends in .npz. An existing file is replaced once the new
        one is complete.
    network : convnet.network.Network
        Network to save.

    Raises
    ------
    OSError
        If the file cannot be written; an existing file is unchanged.
    """
    _write(path, network.named_arrays(), {"network": _described(network)})


def load_weights(path: FilePath, network: Network) -> None:
    """Read a network's parameters and state from a file of `save_weights` or `save_checkpoint`.

    Parameters
    ----------
    path : path
        File to read.
    network : convnet.network.Network
        Network of the same layers; it is modified in place.

    Raises
    ------
    CheckpointError
        If the file is damaged or belongs to another network; `network` is unchanged.
    FileNotFoundError
        If there is no such file.
    """
    arrays, notes = _read(path)
    _check_network(path, arrays, notes, network)
    _fill(network, arrays)


def save_checkpoint(
    path: FilePath,
    network: Network,
    optimizer: Optimizer,
    made_with: dict[str, Any],
    history: Sequence[tuple[float, ...]],
) -> None:
    """Write a network, an optimizer's state and a history, for `load_checkpoint`.

    Parameters
    ----------
    path, network
        As in `save_weights`.
    optimizer : convnet.training.SGD or convnet.training.Adam
        Optimizer to save.
    made_with : dict
        Settings of the training run, as plain data.
    history : list of tuple of float
        Metrics of each epoch.

    Raises
    ------
    OSError
        If the file cannot be written; an existing file is unchanged.
    """
    arrays = network.named_arrays() | {"history": np.array(history, np.float64)}
    arrays |= {f"optimizer/{name}": array for name, array in optimizer.state.items()}
    _write(path, arrays, {"network": _described(network), "made_with": made_with})


def load_checkpoint(
    path: FilePath, network: Network, optimizer: Optimizer, made_with: dict[str, Any]
) -> Array:
    """Restore a network and an optimizer from a checkpoint.

    Parameters
    ----------
    path, network, optimizer
        As in `save_checkpoint`; network and optimizer are modified in place.
    made_with : dict
        Settings of this training run, which must equal the checkpoint's.

    Returns
    -------
    history : ndarray
        Metrics, one row per epoch.

    Raises
    ------
    CheckpointError, FileNotFoundError
        See `load_weights`.
    """
    arrays, notes = _read(path)
    _check_network(path, arrays, notes, network)
    before, history = notes.get("made_with"), arrays.get("history")
    if not isinstance(before, dict) or history is None or history.ndim != 2:
        raise CheckpointError(
            f"{path} contains only a network, and no training state: read it with load_weights, or "
            "name another checkpoint"
        )
    for name, now in made_with.items():
        if before.get(name) != now:
            raise CheckpointError(
                f"{path} belongs to a training run with another {name}: {before.get(name)} then, "
                f"{now} now. Resume with the same settings, or name another checkpoint"
            )
    _fill(network, arrays)
    optimizer.state = {
        name.partition("/")[2]: array
        for name, array in arrays.items()
        if name.startswith("optimizer/")
    }
    return history


def _described(network: Network) -> str:
    """Return a description of a network's layers and shapes."""
    return f"{network.dtype} images of {network.input_shape}: {network.layers}"


def _check_network(path: FilePath, arrays: Arrays, notes: Notes, network: Network) -> None:
    wanted = network.named_arrays()
    for name, array in wanted.items():
        stored = arrays.get(name)
        if stored is None or (stored.shape, stored.dtype) != (array.shape, array.dtype):
            held = "missing" if stored is None else f"{stored.dtype} of shape {stored.shape}"
            raise CheckpointError(
                f"{path} belongs to another network: {name} is {held}, expected {array.dtype} of "
                f"shape {array.shape}. The file was written for {notes.get('network')}"
            )
    if notes.get("network") != _described(network):
        raise CheckpointError(
            f"{path} belongs to another network: it was written for {notes.get('network')}, and "
            f"this network is for {_described(network)}"
        )


def _fill(network: Network, arrays: Arrays) -> None:
    for name, array in network.named_arrays().items():
        array[...] = arrays[name]


NOTE = "note/"  # prefix of the names of notes in an .npz file


def _write(path: FilePath, arrays: Arrays, notes: Notes) -> None:
    path = Path(path)
    texts = {
        name: json.dumps(note, default=lambda number: number.item()) for name, note in notes.items()
    }
    # Written to memory first, so that a full disk raises an error in one plain write.
    memory = io.BytesIO()
    pack = _pack_npz if _is_npz(path) else _pack_hdf5
    pack(memory, arrays, texts)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(memory.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _read(path: FilePath) -> tuple[Arrays, Notes]:
    """Return all arrays of a file by name, and its notes as plain data."""
    if Path(path).is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it")
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}: write it with save_weights or train")
    unpack, form = (_unpack_npz, "NPZ") if _is_npz(path) else (_unpack_hdf5, "HDF5")
    try:
        with open(path, "rb") as file:
            arrays, texts = unpack(file)
        return arrays, {name: json.loads(text) for name, text in texts.items()}
    except UNREADABLE as error:
        raise CheckpointError(
            f"{path} is damaged or is not an {form} file of this course ({error}). Nothing was "
            "changed: move the file, then train again or restore a copy"
        ) from error


# Exceptions raised when a damaged file is read.
UNREADABLE = (
    *(OSError, RuntimeError, ValueError, LookupError, TypeError, EOFError),
    *(zipfile.BadZipFile, zlib.error),
)


def _is_npz(path: FilePath) -> bool:
    return Path(path).suffix == ".npz"


def _pack_npz(file: BinaryIO, arrays: Arrays, texts: dict[str, str]) -> None:
    notes = {NOTE + name: np.array(text) for name, text in texts.items()}
    np.savez(file, allow_pickle=False, **arrays, **notes)


def _unpack_npz(file: BinaryIO) -> tuple[Arrays, dict[str, str]]:
    with np.load(file) as stored:
        held = dict(stored)
    texts = {
        name.removeprefix(NOTE): str(held.pop(name)) for name in list(held) if name.startswith(NOTE)
    }
    return held, texts


def _pack_hdf5(memory: BinaryIO, arrays: Arrays, texts: dict[str, str]) -> None:
    with _h5py().File(memory, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        file.attrs.update(texts)


def _unpack_hdf5(file: BinaryIO) -> tuple[Arrays, dict[str, str]]:
    h5py, arrays = _h5py(), {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = np.array(item)

    with h5py.File(file) as stored:
        stored.visititems(note)
        return arrays, dict(stored.attrs)


def _h5py() -> Any:
    """Import h5py on first use, because it is not installed everywhere."""
    try:
        import h5py
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "HDF5 files need the package h5py: install it, or name a file that ends in .npz"
        ) from None
    return h5py
