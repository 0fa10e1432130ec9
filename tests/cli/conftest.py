"""Dask workers that several tests share."""

import dask
import pytest
from distributed import LocalCluster


@pytest.fixture(scope="session")
def dask_cluster():
    """Two processes of one thread, and a scheduler that lets an item take down one of them."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as cluster,
    ):
        yield cluster


@pytest.fixture
def dask_scheduler(dask_cluster):
    """Address of that scheduler, when both workers are there."""
    dask_cluster.wait_for_workers(2)
    return dask_cluster.scheduler_address
