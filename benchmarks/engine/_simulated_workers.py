"""Simulate Dask workers in one process: they wait and return recorded results.

    python -m benchmarks.engine._simulated_workers ADDRESS WORKERS RECORDING

Everything but the judging is real: the workers have nbjudge, join the scheduler, report their
isolation level, and receive and send the bytes of a notebook. WORKERS is the total number of
threads; each Dask worker has several.
RECORDING is a pickled {assignment: [(seconds, Graded), ...]}.
"""

import asyncio
import contextlib
import pickle
import random
import sys
import time
from pathlib import Path

import dask
from distributed import Worker

from nbjudge.judging.messages import Graded
from nbjudge.plugins.cluster import worker
from nbjudge.plugins.cluster.worker import JudgeTask

THREADS = 8  # per Dask worker
AT_ONCE = 25  # Dask workers that join at once

Recording = dict[str, list[tuple[float, Graded]]]


def simulate(recording: Recording) -> None:
    """Replace judging in this process with a recording."""
    chance = random.Random(1)

    def run_task(task: JudgeTask) -> Graded:
        seconds, answer = chance.choice(recording[task.preparation.partition("/")[2]])
        time.sleep(seconds)
        return answer

    # A task refers to the function by its module and name.
    run_task.__module__, run_task.__qualname__ = worker.__name__, "run_task"
    worker.run_task = run_task  # type: ignore[assignment]


async def serve(address: str, count: int, folder: Path) -> None:
    """Join the scheduler as `count` workers until this process is ended."""
    # With hundreds of threads, profiling them would take most of the time.
    dask.config.set({"distributed.worker.profile.enabled": False})
    sizes = [min(THREADS, count - begun) for begun in range(0, count, THREADS)]
    async with contextlib.AsyncExitStack() as stack:
        options = {"local_directory": str(folder), "dashboard": False, "memory_limit": 0}
        for begun in range(0, len(sizes), AT_ONCE):
            workers = [Worker(address, nthreads=n, **options) for n in sizes[begun:][:AT_ONCE]]
            await asyncio.gather(*map(stack.enter_async_context, workers))
        print("joined", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    recorded = Path(sys.argv[3])
    simulate(pickle.loads(recorded.read_bytes()))
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), recorded.parent))
