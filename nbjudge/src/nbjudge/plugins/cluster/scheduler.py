"""A connection to a Dask scheduler whose waits all end when the scheduler is lost.

Dask's own client waits forever for a scheduler that hangs, and loses futures if its table of
futures changes while it is being read.
"""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Set
from ipaddress import ip_address
from logging import WARNING
from typing import Any, TypeVar
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, Security
from distributed.client import ClosedClientError, FutureCancelledError

from nbjudge.errors import KEPT, ClusterError, EngineClosedError, EngineError
from nbjudge.log import event

__all__ = ["Scheduler"]

ATTEMPTS = 3  # attempts at a submission whose workers die
LOOK = 2  # seconds between checks for workers
PAUSE = 0.2  # seconds between checks whether the scheduler answers again
PATIENCE = 60  # seconds for a scheduler to answer, and for workers to come back
# Exceptions of Dask if a scheduler does not answer, was restarted, or is gone.
UNREACHABLE = (ClosedClientError, FutureCancelledError, OSError)
A = TypeVar("A")


def check_encryption(address: str, insecure: bool = False) -> None:
    """Check that a scheduler's address matches the certificates in Dask's configuration.

    Parameters
    ----------
    insecure
        True to connect to another machine without encryption.

    Raises
    ------
    ClusterError
        If they do not match, a certificate cannot be read, or the connection would leave this
        machine without encryption.
    """
    if not (insecure or address.startswith("tls://") or _is_on_this_machine(address)):
        raise ClusterError(
            f"{address} is not encrypted: anyone on the network can run code on the workers and, "
            "through their answers, on this machine. Create a certificate (openssl req -x509 "
            "-newkey rsa:3072 -nodes -days 365 -subj /CN=grading -keyout key.pem -out cert.pem), "
            "set it in Dask's configuration (docs/cluster.md, Certificates), start the scheduler "
            "with `dask scheduler --protocol tls`, and begin the address with tls://. In a network "
            "that nobody else can reach, --insecure connects without encryption."
        )
    if dask.config.get("distributed.client.security-loader", None):
        return  # the loader provides its own certificates
    setting = "distributed.comm.tls in Dask's configuration"
    try:
        connection = Security().get_connection_args("client")
    except OSError as error:
        raise ClusterError(f"A certificate of {setting} cannot be read: {error}") from None
    is_encrypted = address.startswith("tls://")
    if is_encrypted and connection["ssl_context"] is None:
        raise ClusterError(
            f"{address} needs certificates: set ca-file, client.cert and client.key of {setting}, "
            "for example in the file named by the environment variable DASK_CONFIG."
        )
    if connection["require_encryption"] and not is_encrypted:
        raise ClusterError(
            f"{address} is not encrypted, but Dask's configuration requires encryption: begin the "
            "address with tls://."
        )


def _is_on_this_machine(address: str) -> bool:
    """True if an address is a loopback address, or has no port."""
    try:
        parts = urlsplit(f"//{address.rpartition('://')[2]}")
        host, has_port = parts.hostname or "", parts.port is not None
        return not has_port or host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a host name, or a port that is not a number
        return False


class Scheduler:
    """A Dask scheduler with its usable workers and pending tasks.

    Parameters
    ----------
    address
        tcp://HOST:8786, or tls://HOST:8786 with the certificates in Dask's configuration.
    say
        Function called with sentences about unusable workers and an unresponsive scheduler.
    insecure
        True to connect to another machine without encryption.

    Raises
    ------
    ClusterError
        If the scheduler does not answer, or has no workers.
    """

    def __init__(self, address: str, say: Callable[[str], object], insecure: bool = False):
        self.address, self.say = address, say
        self.lock = threading.Lock()
        self.unfit: dict[str, str] = {}  # {address of an unusable worker: reason}
        self.asked: dict[Future, list[str] | None] = {}  # {pending task: permitted workers}
        self.threads_of: Mapping[str, int] = {}  # latest numbers of threads, by worker
        self.lost = ""  # reason why the scheduler was abandoned
        self.ended = threading.Event()
        check_encryption(address, insecure)
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False, name="nbjudge")
        except ValueError as error:
            raise ClusterError(
                f"{address} is not an address of a Dask scheduler, such as tcp://HOST:8786: {error}"
            ) from None
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {error}. `dask scheduler` prints its "
                "address; a firewall may block the connection."
            ) from None
        try:
            self._wait_for_workers()
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def threads(self) -> int:
        """Number of submissions that the usable workers judge in parallel."""
        threads_of = self.threads_of
        return max(1, sum(threads_of[name] for name in self._used(threads_of)))

    def run(self, title: str, do: Callable[..., A], *arguments: object) -> A:
        """Run a function on a worker; if the worker dies, run it on another one.

        Parameters
        ----------
        title
            Title of the task on Dask's dashboard.
        do
            Function to run.
        *arguments
            Arguments of the function.

        Raises
        ------
        EngineError
            If the function raises it, or several workers have died running the function.
        ClusterError, EngineClosedError
            If the cluster is lost, or the connection was closed.
        """
        for attempt in range(ATTEMPTS):
            while True:
                self._check()
                wanted, future = self._fit(), None
                try:
                    future = self.client.submit(
                        do,
                        *arguments,
                        key=f"{title}-{uuid.uuid4().hex}",  # shown on the dashboard
                        pure=False,
                        workers=wanted,
                    )
                    answer: A = self._answer(future, wanted)
                    return answer
                except (ClusterError, EngineError):
                    raise
                except Exception as error:
                    is_of_worker = future is not None and future.status == "error"
                    if isinstance(error, UNREACHABLE) and not is_of_worker:
                        self._wait()
                        continue
                    # KilledWorker, or an exception of a worker that is shutting down.
                    name = type(error).__name__
                    event("worker_failed", WARNING, error=name, attempt=attempt + 1)
                    if attempt == ATTEMPTS - 1:
                        raise EngineError(
                            f"the workers that judged it died or failed: {name}: {error}"
                        ) from None
                    break
        raise AssertionError("unreachable")

    def ask_each(self, do: Callable[[], A]) -> dict[str, A | Exception]:
        """Run a function on each worker; return the results or exceptions by address.

        A busy worker's entry is a TimeoutError.

        Raises
        ------
        ClusterError
            If the scheduler does not answer.
        """
        # Not with client.run, which blocks a worker's event loop while it imports modules.
        try:
            futures = {
                name: self.client.submit(
                    do,
                    key=f"{do.__name__}-{uuid.uuid4().hex}",
                    pure=False,
                    workers=[name],
                    priority=1,  # before the submissions of another run
                )
                for name in self._known()
            }
            end, waiting = time.monotonic() + PATIENCE, True
            while waiting and time.monotonic() < end:
                time.sleep(PAUSE)
                present = self._known()  # without the workers that have left
                futures = {name: future for name, future in futures.items() if name in present}
                waiting = not all(future.done() for future in futures.values())
        except UNREACHABLE as error:
            raise self._silent(error) from None
        return {name: _answer_of(future) for name, future in futures.items()}

    def run_on(self, name: str, do: Callable[..., A], *arguments: object) -> A | None:
        """Run a function on one worker alongside its tasks; return None if the worker has ended.

        Raises
        ------
        ClusterError, EngineClosedError
            If the scheduler does not answer, or the connection was closed.
        """
        try:
            answers: dict[str, A | None] = self.client.run(
                do, *arguments, workers=[name], on_error="ignore", callback_timeout=PATIENCE
            )
        except UNREACHABLE:
            self._wait()
            return None
        return answers.get(name)

    def leave_out(self, name: str, why: str) -> None:
        """Stop using a worker, and report the reason."""
        with self.lock:
            is_new = name not in self.unfit
            self.unfit[name] = why
        if is_new:
            self.say(f"The worker {name} is not used: {why}.")
            event("worker_left_out", WARNING, worker=name, why=why)

    def why_unfit(self) -> str:
        """Return the reason why a worker is not used, as the end of a sentence, or ""."""
        with self.lock:
            return next((f"; {name}: {why}" for name, why in self.unfit.items()), "")

    def close(self) -> None:
        """Disconnect from the cluster; pending calls raise EngineClosedError."""
        self.ended.set()
        with self.lock:
            asked = list(self.asked)
        self._cancel(asked)
        with contextlib.suppress(TimeoutError):  # on a busy machine; nothing waits for it
            self.client.close(timeout=5)

    def _wait_for_workers(self) -> None:
        end = time.monotonic() + PATIENCE
        try:
            while not self._known():
                if time.monotonic() > end:
                    raise ClusterError(
                        f"The Dask scheduler at {self.address} has no workers: none joined within "
                        f"{PATIENCE} seconds. Start one with `dask worker {self.address}` in an "
                        "environment with nbjudge."
                    )
                time.sleep(PAUSE)
        except UNREACHABLE as error:
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> ClusterError:
        return ClusterError(f"The Dask scheduler at {self.address} does not answer: {error}")

    def _answer(self, future: Future, wanted: list[str] | None) -> Any:
        """Wait for the result of a future.

        Raises
        ------
        Exception
            If the future raises it.
        ClusterError, EngineClosedError
            If the cluster is lost, or the connection was closed.
        """
        with self.lock:  # `_lose` cancels the futures in `asked`; none may be added after it
            self._check()
            self.asked[future] = wanted
        try:
            while True:
                try:
                    return future.result(timeout=PATIENCE)
                except TimeoutError:
                    if future.status == "error":  # the function itself raised TimeoutError
                        raise
                    self._check()  # Dask may have lost the future
        finally:
            with self.lock:
                del self.asked[future]

    def _fit(self) -> list[str] | None:
        """Return the usable workers, or None if all are usable; wait if there are none.

        Raises
        ------
        ClusterError
            If no usable worker joins in time.
        """
        while self.unfit:
            if fit := self._used(self.threads_of):
                return fit
            self._check()
            time.sleep(PAUSE)
        return None

    def _used(self, workers: Iterable[str]) -> list[str]:
        with self.lock:
            return [name for name in workers if name not in self.unfit]

    def _known(self) -> Mapping[str, int]:
        """Return the number of threads of each current worker.

        Raises
        ------
        OSError
            If the scheduler does not answer.
        """
        # Not with client.scheduler_info, which waits forever and reads data that another thread
        # may be overwriting.
        scheduler = self.client.scheduler
        if scheduler is None:
            raise ConnectionError("the client is closed")
        answer = self.client.sync(scheduler.identity, n_workers=-1, callback_timeout=PATIENCE / 2)
        workers: Mapping[str, Any] = answer["workers"]
        self.threads_of = {name: int(worker["nthreads"]) for name, worker in workers.items()}
        return self.threads_of

    def _check(self) -> None:
        if self.ended.is_set():
            raise EngineClosedError("the connection to the cluster was closed")
        if self.lost:
            raise ClusterError(self.lost)

    def _wait(self) -> None:
        """Wait until the scheduler answers again.

        Raises
        ------
        ClusterError, EngineClosedError
            If it does not answer in time, or the connection was closed.
        """
        end = time.monotonic() + PATIENCE
        while True:
            self._check()
            time.sleep(PAUSE)
            if self.client.status == "running":
                return
            if self.client.status == "closed" or time.monotonic() > end:
                self._lose("does not answer")

    def _watch(self) -> None:
        """Abandon the scheduler if it or its workers do not return; runs in a separate thread."""
        since, known_workers, lack = time.monotonic(), set(self.threads_of), ""
        while not self.ended.wait(LOOK):
            last, lack, why = lack, "", ""
            try:
                workers = set(self._known())
            except Exception:  # the client is reconnecting or closed
                lack = "does not answer"
            else:
                self._follow(known_workers, workers)
                known_workers = workers
                if not workers:
                    lack = "has no workers"
                elif not self._used(workers):
                    lack, why = "has no usable worker", self.why_unfit()
            if not lack or lack != last:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                self._lose(lack, why)
                return
            if lack and lack != last and not self.ended.is_set():
                self.say(
                    f"The Dask scheduler at {self.address} {lack}; waiting up to {PATIENCE} "
                    "seconds."
                )

    def _follow(self, before: Set[str], workers: Set[str]) -> None:
        """Log the workers that ended or joined, and resubmit the tasks of those that ended."""
        for name in sorted(before - workers):
            event("worker_ended", WARNING, worker=name)
        for name in sorted(workers - before):
            event("worker_joined", worker=name)
        with self.lock:
            for name in before - workers:
                self.unfit.pop(name, None)  # a new worker may get the same address
            asked = list(self.asked.items())
        if workers:
            self._cancel(f for f, wanted in asked if wanted and workers.isdisjoint(wanted))

    def _cancel(self, futures: Iterable[Future]) -> None:
        if no_longer_wanted := list(futures):
            with contextlib.suppress(Exception):  # the client may be closed
                self.client.cancel(no_longer_wanted)

    def _lose(self, lack: str, why: str = "") -> None:
        """Abandon the scheduler, and cancel all pending tasks.

        Parameters
        ----------
        lack
            The reason, as a predicate: "does not answer".
        why
            Details, appended to the sentence.
        """
        with self.lock:
            self.lost = (
                f"The Dask scheduler at {self.address} {lack}{why}. Grading was stopped. {KEPT}"
            )
            asked = list(self.asked)
        self._cancel(asked)


def _answer_of(future: Future) -> Any:
    """Return the result or the exception of a future; a TimeoutError if it is not done."""
    if not future.done():
        return TimeoutError()
    try:
        return future.result(timeout=PATIENCE)
    except Exception as error:  # any error on the worker
        return error
