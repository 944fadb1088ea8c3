"""`nbjudge autograde --cluster`: judge on the workers of a Dask scheduler."""

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from nbjudge.cli.console import console, count_of, warn
from nbjudge.errors import ClusterError

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment
    from nbjudge.plugins.cluster.engine import ClusterEngine


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the cluster's options to the parser of `nbjudge autograde`."""
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        dest="engine",
        type=lambda address: partial(_open, address),
        help="grade on the workers of this Dask scheduler, for example tls://HOST:8786",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="with --cluster: allow unencrypted tcp://HOST"
    )


def _open(
    address: str, options: argparse.Namespace, assignments: Sequence["Assignment"]
) -> "ClusterEngine":
    """Return an engine that uses a cluster.

    Raises
    ------
    ClusterError
        If the cluster is unusable, or Dask is not installed.
    """
    try:
        from nbjudge.plugins.cluster.engine import ClusterEngine
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"--cluster needs the package {error.name}, which is not installed: "
            "pip install distributed"
        ) from None
    for name in ("distributed", "distributed.client"):  # nbjudge reports problems itself
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with console.status(f"Waiting for a scheduler with workers at {address}"):
        cluster = ClusterEngine(address, assignments, warn, options.insecure)
    workers = cluster.workers.values()
    console.print(
        f"{address}: {count_of(len(workers), 'worker')} on "
        f"{count_of(len({here.machine for here in workers}), 'machine')}."
    )
    versions = {f"Python {here.python} with NumPy {here.numpy}" for here in workers}
    if len(versions) > 1:
        console.print(
            f"The workers differ: {', '.join(sorted(versions))}. Points may depend on the worker "
            "that judges a submission.",
            style="yellow",
        )
    if options.dry_run:
        machines = Counter(
            f"{here.machine}: Python {here.python} with NumPy {here.numpy}" for here in workers
        )
        for machine, number in sorted(machines.items()):
            console.print(f"{machine}, {count_of(number, 'worker')}", markup=False)
    return cluster
