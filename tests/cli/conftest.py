"""Dask workers that several tests share."""

import dask
import pytest
from distributed import LocalCluster


@pytest.fixture(scope="session")
def dask_scheduler():
    """Address of a scheduler with two processes of one thread."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as cluster,
    ):
        cluster.wait_for_workers(2)
        yield cluster.scheduler_address
