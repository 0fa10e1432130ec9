"""Where the items of a long computation are worked: in this process, or on Dask workers.

`completed` hands items to a function and yields what comes back as it comes. Dask is told to begin
an item again when its worker is lost; the function must therefore give the same whenever and
however often it is called. Functions and results travel as pickles, so a scheduler must be one that
only trusted people reach.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from abz.errors import AbzError, ConfigError

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["JOB_QUEUES", "Place", "completed"]

Item = TypeVar("Item")
Result = TypeVar("Result")

JOB_QUEUES = MappingProxyType(
    {
        "htcondor": "HTCondorCluster",
        "lsf": "LSFCluster",
        "moab": "MoabCluster",
        "oar": "OARCluster",
        "pbs": "PBSCluster",
        "sge": "SGECluster",
        "slurm": "SLURMCluster",
    }
)
"""Batch system, and the class of dask-jobqueue that speaks to it."""

PRIVATE = "127.0.0.1:0"
"""Where a scheduler of our own shows its state: any free port, to this machine only."""

RETRIES = 2
"""How often an item that raised an error is tried again; lost workers do not count."""


@dataclass(frozen=True)
class Place:
    """Where items are worked; by default here, one after the other.

    Parameters
    ----------
    scheduler : str, optional
        Address of a Dask scheduler that runs already, with its workers.
    cluster : str, optional
        "local" for processes of this machine, or a key of `JOB_QUEUES`; they end with the work.
    workers : int, optional
        Processes or batch jobs of the cluster.
    threads : int, optional
        Threads of each, which is how many items it works at once.
    """

    scheduler: str | None = None
    cluster: str | None = None
    workers: int = 1
    threads: int = 1

    @property
    def is_here(self) -> bool:
        """Whether all is done in this process."""
        return self.scheduler is None and self.cluster is None


def completed(
    function: Callable[[Item], Result], items: Iterable[Item], place: Place
) -> Iterator[Result]:
    """What a function gives for each item, in the order in which they end.

    Parameters
    ----------
    function : callable
        Of one item; it can be pickled, and does no harm when it is called twice.
    items : iterable
        What is worked through.
    place : Place
        Where.

    Raises
    ------
    AbzError
        If no cluster can be had, or the workers of an item are lost again and again; also
        whatever `function` raises, after `RETRIES` on a cluster.

    Examples
    --------
    >>> list(completed(abs, [-1, -2], Place()))
    [1, 2]
    """
    waiting = list(items)
    if place.is_here or not waiting:
        yield from map(function, waiting)
        return
    from distributed import as_completed

    with _client(place) as client:
        ended = as_completed(client.map(function, waiting, pure=False, retries=RETRIES))
        for future in ended:
            yield _result(future)
            future.release()


def _result(future: Future[Any]) -> Any:
    """What a task gave, or its error in plain words."""
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise AbzError(
            "a block took its worker down again and again",
            rule="a worker has memory for all forests and for as many blocks as it has threads",
            value=error.last_worker,
            remedy="see `abz plan` for the memory; fewer threads a worker, smaller block_cells",
        ) from error
    except CancelledError as error:
        raise AbzError(
            "the scheduler dropped the work",
            rule="the scheduler lives until the command ends",
            value=error,
            remedy="start it again; the same command goes on after the finished blocks",
        ) from error


@contextmanager
def _client(place: Place) -> Iterator[Client]:
    """A connection to the scheduler of a place."""
    from distributed import Client

    if place.scheduler is None:
        with _cluster(place) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(place.scheduler)
    except (OSError, ValueError) as error:
        raise ConfigError(
            "no scheduler answers",
            rule="[upscaling] scheduler, or --scheduler, is the address of a Dask scheduler",
            value=f"{place.scheduler}: {error}",
            remedy="start one (`dask scheduler`) and its workers (`dask worker ADDRESS`)",
        ) from error
    with client:
        yield client


def _cluster(place: Place) -> Any:
    """Workers of our own."""
    if place.cluster == "local":
        from distributed import LocalCluster

        return LocalCluster(
            n_workers=place.workers,
            threads_per_worker=place.threads,
            host="127.0.0.1",
            dashboard_address=PRIVATE,
        )
    name = str(place.cluster)
    try:
        kind = getattr(importlib.import_module("dask_jobqueue"), JOB_QUEUES[name])
    except ImportError as error:
        raise ConfigError(
            f"the cluster {name} needs dask-jobqueue",
            rule="batch systems are reached through the optional extra `cluster`",
            value=error,
            remedy="pip install 'abz[cluster]' (in a checkout: pip install dask-jobqueue)",
        ) from error
    try:
        cluster = kind(
            cores=place.threads, processes=1, scheduler_options={"dashboard_address": PRIVATE}
        )
    except ValueError as error:
        raise ConfigError(
            f"the cluster {name} is not described",
            rule=f"jobqueue.{name} in ~/.config/dask names memory, queue and walltime of a job",
            value=error,
            remedy="write it as the page `Run it` shows",
        ) from error
    cluster.adapt(minimum_jobs=place.workers, maximum_jobs=place.workers)  # jobs that end come back
    return cluster
