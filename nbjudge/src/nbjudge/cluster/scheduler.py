"""A connection to a Dask scheduler that waits for nothing that cannot come.

Dask's own client waits for ever for a scheduler that stands still, and forgets what was asked where
its table of futures changes while it is read.
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

ATTEMPTS = 3  # at one submission, if the workers that judge it die
LOOK = 2  # seconds between two looks at whether there are workers
PAUSE = 0.2  # seconds between two looks at whether the scheduler answers again
PATIENCE = 60  # seconds for a scheduler to answer, and for workers to come back
# What Dask raises where a scheduler does not answer, was started again, or is not there any more.
UNREACHABLE = (ClosedClientError, FutureCancelledError, OSError)
A = TypeVar("A")


def check_encryption(address: str, insecure: bool = False) -> None:
    """Compare a scheduler's address with the certificates that Dask's configuration names.

    Parameters
    ----------
    insecure
        True to connect to another machine without encryption.

    Raises
    ------
    ClusterError
        Where they do not fit together, a certificate cannot be read, or the connection would leave
        this machine without encryption.
    """
    if not (insecure or address.startswith("tls://") or _is_on_this_machine(address)):
        raise ClusterError(
            f"{address} is not encrypted: whoever reaches the network can run code on the workers "
            "and, through their answers, here. Make a certificate (openssl req -x509 -newkey "
            "rsa:3072 -nodes -days 365 -subj /CN=grading -keyout key.pem -out cert.pem), name it "
            "in Dask's settings (docs/cluster.md, Certificates), start the scheduler by `dask "
            "scheduler --protocol tls`, and begin the address with tls://. In a network that "
            "nobody else can reach, --insecure connects as it is."
        )
    if dask.config.get("distributed.client.security-loader", None):
        return  # which brings certificates of its own
    setting = "distributed.comm.tls in Dask's configuration"
    try:
        given = Security().get_connection_args("client")
    except OSError as error:
        raise ClusterError(f"A certificate of {setting} cannot be read: {error}") from None
    is_encrypted = address.startswith("tls://")
    if is_encrypted and given["ssl_context"] is None:
        raise ClusterError(
            f"{address} needs certificates: name ca-file, client.cert and client.key of {setting}, "
            "for example in a file that the variable DASK_CONFIG names."
        )
    if given["require_encryption"] and not is_encrypted:
        raise ClusterError(
            f"{address} is not encrypted, as Dask's configuration requires: begin it with tls://."
        )


def _is_on_this_machine(address: str) -> bool:
    """True if an address is one of the loopback interface, or none that can be read."""
    try:
        place = urlsplit(f"//{address.rpartition('://')[2]}")
        host, named = place.hostname or "", place.port is not None
        return not named or host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # the name of a machine, or a port that is no number
        return False


class Scheduler:
    """A Dask scheduler, those of its workers that are used, and what was asked of them.

    Parameters
    ----------
    address
        As tcp://HOST:8786, or tls://HOST:8786 with the certificates of Dask's configuration.
    say
        Called with sentences on workers that cannot be used, and on a scheduler that stays away.
    insecure
        As of `check_encryption`.

    Raises
    ------
    ClusterError
        The scheduler does not answer, or has no worker.
    """

    def __init__(self, address: str, say: Callable[[str], object], insecure: bool = False):
        self.address, self.say = address, say
        self.lock = threading.Lock()
        self.unfit: dict[str, str] = {}  # why a worker is not used, by address
        self.asked: dict[Future, list[str] | None] = {}  # and of which workers alone
        self.threads_of: Mapping[str, int] = {}  # each worker, when the scheduler was asked last
        self.lost = ""  # why nothing can be asked any more
        self.ended = threading.Event()
        check_encryption(address, insecure)
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False, name="nbjudge")
        except ValueError as error:
            raise ClusterError(
                f"{address} is no address of a Dask scheduler, such as tcp://HOST:8786: {error}"
            ) from None
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {error}. `dask scheduler` prints its "
                "address; a firewall may be between it and this machine."
            ) from None
        try:
            self._wait_for_workers()
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def threads(self) -> int:
        """How many submissions the workers that are used judge at a time."""
        threads_of = self.threads_of
        return max(1, sum(threads_of[name] for name in self._used(threads_of)))

    def run(self, title: str, do: Callable[..., A], *given: object) -> A:
        """Let a worker do something; another one, where it dies of it or meanwhile.

        Raises
        ------
        EngineError
            As what is done raises it, or where several workers have died of it.
        ClusterError, EngineClosedError
            Where the cluster is lost, or left.
        """
        for attempt in range(ATTEMPTS):
            while True:
                self._check()
                wanted, future = self._fit(), None
                try:
                    future = self.client.submit(
                        do,
                        *given,
                        key=f"{title}-{uuid.uuid4().hex}",  # what the dashboard shows
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
                    # KilledWorker, and what a worker raises that is being ended.
                    name = type(error).__name__
                    event("worker_failed", WARNING, error=name, attempt=attempt + 1)
                    if attempt == ATTEMPTS - 1:
                        raise EngineError(
                            f"the workers that judged it died or failed: {name}: {error}"
                        ) from None
                    break
        raise AssertionError("unreachable")

    def ask_each(self, do: Callable[[], A]) -> dict[str, A | Exception]:
        """What each worker answers that is there, or what it raises: a TimeoutError if it is busy.

        Raises
        ------
        ClusterError
            Where the scheduler does not answer.
        """
        # Not by client.run, which keeps a worker from answering anybody while it imports something.
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
                there = self._known()  # without those that have left meanwhile
                futures = {name: future for name, future in futures.items() if name in there}
                waiting = not all(future.done() for future in futures.values())
        except UNREACHABLE as error:
            raise self._silent(error) from None
        return {name: _answer_of(future) for name, future in futures.items()}

    def run_on(self, name: str, do: Callable[..., A], *given: object) -> A | None:
        """Let a certain worker do something, beside its tasks; None where it has ended.

        Raises
        ------
        ClusterError, EngineClosedError
            Where the scheduler does not answer, or the cluster was left.
        """
        try:
            answers: dict[str, A | None] = self.client.run(
                do, *given, workers=[name], on_error="ignore", callback_timeout=PATIENCE
            )
        except UNREACHABLE:
            self._wait()
            return None
        return answers.get(name)

    def leave_out(self, name: str, why: str) -> None:
        """Do not use a worker any more, and say why."""
        with self.lock:
            is_new = name not in self.unfit
            self.unfit[name] = why
        if is_new:
            self.say(f"The worker {name} is not used: {why}.")
            event("worker_left_out", WARNING, worker=name, why=why)

    def why_unfit(self) -> str:
        """Why one of the workers is not used, after a sentence that says so."""
        with self.lock:
            return next((f"; {name}: {why}" for name, why in self.unfit.items()), "")

    def close(self) -> None:
        """Leave the cluster; whoever waits for an answer gets an EngineClosedError."""
        self.ended.set()
        with self.lock:
            asked = list(self.asked)
        self._cancel(asked)
        with contextlib.suppress(TimeoutError):  # on a busy machine: nobody waits for it any more
            self.client.close(timeout=5)

    def _wait_for_workers(self) -> None:
        end = time.monotonic() + PATIENCE
        try:
            while not self._known():
                if time.monotonic() > end:
                    raise ClusterError(
                        f"The Dask scheduler at {self.address} has no workers: none joined in "
                        f"{PATIENCE} seconds. Start one with `dask worker {self.address}` where "
                        "nbjudge is installed."
                    )
                time.sleep(PAUSE)
        except UNREACHABLE as error:
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> ClusterError:
        return ClusterError(f"The Dask scheduler at {self.address} does not answer: {error}")

    def _answer(self, future: Future, wanted: list[str] | None) -> Any:
        """What a future gives; it is canceled where it cannot give anything any more.

        Raises
        ------
        Exception
            The future's.
        ClusterError, EngineClosedError
            Where the cluster is lost, or left.
        """
        with self.lock:  # `_lose` cancels what it finds here: nothing may come after it
            self._check()
            self.asked[future] = wanted
        try:
            while True:
                try:
                    return future.result(timeout=PATIENCE)
                except TimeoutError:
                    if future.status == "error":  # of what was asked for
                        raise
                    self._check()  # also where Dask has forgotten the future
        finally:
            with self.lock:
                del self.asked[future]

    def _fit(self) -> list[str] | None:
        """The workers that are used; None for all. Waits for one where there is none.

        Raises
        ------
        ClusterError
            Where none comes.
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
        """The workers that the scheduler has now, with the threads of each.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        # Not client.scheduler_info, which waits for ever, and reads what another thread may have
        # overwritten meanwhile.
        scheduler = self.client.scheduler
        if scheduler is None:
            raise ConnectionError("the client is closed")
        answer = self.client.sync(scheduler.identity, n_workers=-1, callback_timeout=PATIENCE / 2)
        workers: Mapping[str, Any] = answer["workers"]
        self.threads_of = {name: int(one["nthreads"]) for name, one in workers.items()}
        return self.threads_of

    def _check(self) -> None:
        if self.ended.is_set():
            raise EngineClosedError("the cluster was left")
        if self.lost:
            raise ClusterError(self.lost)

    def _wait(self) -> None:
        """Return once the scheduler answers again.

        Raises
        ------
        ClusterError, EngineClosedError
            Where it does not, or the cluster was left.
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
        """Give up where the scheduler or its workers stay away; a thread of its own."""
        since, before, lack = time.monotonic(), set(self.threads_of), ""
        while not self.ended.wait(LOOK):
            last, lack, why = lack, "", ""
            try:
                workers = set(self._known())
            except Exception:  # it is being connected again, or closed
                lack = "does not answer"
            else:
                self._follow(before, workers)
                before = workers
                if not workers:
                    lack = "has no workers"
                elif not self._used(workers):
                    lack, why = "has no worker that can be used", self.why_unfit()
            if not lack or lack != last:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                self._lose(lack, why)
                return
            if lack and lack != last and not self.ended.is_set():
                self.say(
                    f"The Dask scheduler at {self.address} {lack}; waiting for {PATIENCE} seconds."
                )

    def _follow(self, before: Set[str], workers: Set[str]) -> None:
        """Note which workers ended or joined, and let others do what was asked of the former."""
        for name in sorted(before - workers):
            event("worker_ended", WARNING, worker=name)
        for name in sorted(workers - before):
            event("worker_joined", worker=name)
        with self.lock:
            for name in before - workers:
                self.unfit.pop(name, None)  # another worker may have its address next
            asked = list(self.asked.items())
        if workers:
            self._cancel(f for f, wanted in asked if wanted and workers.isdisjoint(wanted))

    def _cancel(self, futures: Iterable[Future]) -> None:
        if no_longer_wanted := list(futures):
            with contextlib.suppress(Exception):  # the client may be closed
                self.client.cancel(no_longer_wanted)

    def _lose(self, lack: str, why: str = "") -> None:
        """Give up the scheduler, which lacks something."""
        with self.lock:
            self.lost = f"The Dask scheduler at {self.address} {lack} any more{why}. {KEPT}"
            asked = list(self.asked)
        self._cancel(asked)


def _answer_of(future: Future) -> Any:
    """What a future gives or raises, a TimeoutError where it is not done."""
    if not future.done():
        return TimeoutError()
    try:
        return future.result(timeout=PATIENCE)
    except Exception as error:  # whatever goes wrong there
        return error
