"""Items here and on Dask workers."""

import os
import signal
import sys
import time
from types import SimpleNamespace

import dask
import pytest
from distributed import LocalCluster
from distributed.client import FutureCancelledError

from abz.cli import cluster
from abz.cli.cluster import JOB_QUEUES, RETRIES, Place, completed
from abz.errors import AbzError, ConfigError


def test_every_item_is_answered_once_on_workers(dask_scheduler):
    def slow_first(item):
        time.sleep(0.5 * (item == 0))
        return item, os.getpid()

    answers = list(completed(slow_first, range(6), Place(scheduler=dask_scheduler)))
    assert sorted(item for item, _ in answers) == list(range(6))
    assert os.getpid() not in {process for _, process in answers}
    assert len({process for _, process in answers}) == 2


def test_workers_of_our_own_end_with_the_work():
    (answer,) = completed(lambda item: os.getpid(), [1], Place(cluster="local", workers=1))
    assert answer != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(answer, 0)


def test_nothing_to_do_starts_no_cluster():
    assert list(completed(abs, [], Place(scheduler="tcp://127.0.0.1:9"))) == []


def test_an_error_of_an_item_comes_back_after_the_retries(dask_scheduler, tmp_path):
    def fail(item):
        with (tmp_path / str(item)).open("a") as stream:
            stream.write("x")
        if item == 1:
            raise AbzError("a planted fault")
        return item

    with pytest.raises(AbzError, match="a planted fault"):
        list(completed(fail, [1], Place(scheduler=dask_scheduler)))
    assert (tmp_path / "1").read_text() == "x" * (RETRIES + 1)
    assert list(completed(fail, [2], Place(scheduler=dask_scheduler))) == [2]


def test_an_item_that_kills_its_workers_is_an_error_in_plain_words(dask_scheduler):
    def die(item):
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(AbzError, match=r"took its worker down(.|\n)*abz plan"):
        list(completed(die, [1], Place(scheduler=dask_scheduler)))


def test_work_that_is_dropped_is_an_error_in_plain_words():
    def dropped():
        raise FutureCancelledError("key", "scheduler-connection-lost")

    with pytest.raises(AbzError, match=r"dropped the work(.|\n)*connection-lost"):
        cluster._result(SimpleNamespace(result=dropped))


def test_a_scheduler_that_does_not_answer_is_named():
    place = Place(scheduler="tcp://127.0.0.1:9")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.3s"}),
        pytest.raises(ConfigError, match=r"tcp://127.0.0.1:9"),
    ):
        list(completed(abs, [1], place))


def test_a_batch_system_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with pytest.raises(ConfigError, match=r"abz\[cluster\]"):
        list(completed(abs, [1], Place(cluster="slurm")))


@pytest.mark.parametrize("name", JOB_QUEUES)
def test_a_batch_system_that_is_not_described_is_named(monkeypatch, name):
    def refuse(**options):
        assert options["cores"] == 3
        raise ValueError("You must specify how much cores and memory")

    queues = SimpleNamespace(**{JOB_QUEUES[name]: refuse})
    monkeypatch.setitem(sys.modules, "dask_jobqueue", queues)
    with pytest.raises(ConfigError, match=rf"jobqueue\.{name} in"):
        list(completed(abs, [1], Place(cluster=name, threads=3)))


def test_jobs_that_end_are_replaced(monkeypatch):
    """The cluster is told to keep as many jobs as were asked for."""

    asked = {}

    class Queue(LocalCluster):
        def __init__(self, *, cores, processes, scheduler_options):
            super().__init__(0, processes=False, **scheduler_options)

        def adapt(self, *, minimum_jobs, maximum_jobs):
            asked.update(minimum=minimum_jobs, maximum=maximum_jobs)
            return super().adapt(minimum=minimum_jobs, maximum=maximum_jobs)

    monkeypatch.setitem(sys.modules, "dask_jobqueue", SimpleNamespace(SGECluster=Queue))
    assert list(completed(abs, [-1], Place(cluster="sge", workers=1))) == [1]
    assert asked == {"minimum": 1, "maximum": 1}
