"""What is sent to the processes that map."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from abz.cli.layout import Layout
from abz.cli.map_job import Block, Job, ensembles_of, forest_files, source_digest
from abz.digest import sha256_file
from abz.errors import MissingDataError, PinError
from abz.modelling import fit_forest, save_forest


def test_a_block_knows_its_months_and_cells():
    block = Block((2, 1, 3), slice(256, 300), slice(768, 1024), 7)
    assert block.name == "0002_0001_0003"
    assert block.months == slice(24, 36)
    assert block.inside(slice(0, 8), slice(16, 24)) == (slice(256, 264), slice(784, 792))


def test_a_job_is_small_and_can_be_sent():
    forests = tuple((flux, Path(f"{flux}.npz"), "0" * 64) for flux in ("nee", "gpp", "reco"))
    job = Job(Path("/run"), "fine", forests, "f" * 64, "s" * 64, 256, 2, "abz", False)
    sent = pickle.dumps(job)
    assert pickle.loads(sent) == job
    assert len(sent) < 2000
    assert job.ledger.fingerprint == "f" * 64
    assert job.ledger.folder == Path("/run/flux/fine.blocks")


def test_forests_are_those_that_were_pinned(tmp_path):
    X = np.linspace(0, 1, 30)[:, None]
    central, member = (fit_forest(X, X[:, 0] * k, ["lst"], trees=2, mtry=1) for k in (1, 2))
    paths = [tmp_path / "central.npz", tmp_path / "member_01.npz"]
    for forest, path in zip((central, member), paths, strict=True):
        save_forest(forest, path, {})
    pinned = [("nee", path, sha256_file(path)) for path in paths]
    for engine in ("abz", "scikit-learn"):
        ensemble = ensembles_of(pinned, engine)["nee"]
        assert np.array_equal(ensemble.central.predict(X), central.predict(X))
        assert np.array_equal(ensemble.members[0].predict(X), member.predict(X))
    save_forest(central, paths[1], {})
    with pytest.raises(PinError, match=r"member_01\.npz"):
        ensembles_of(pinned)
    paths[0].unlink()
    with pytest.raises(MissingDataError):
        ensembles_of(pinned)


def test_files_of_all_fluxes_central_first():
    files = forest_files(Layout(Path("r")), "coarse", 2)
    assert len(files) == 9
    assert [path.stem for _, path in files[:3]] == ["central", "member_01", "member_02"]


def test_the_digest_of_sources_covers_what_is_imported(monkeypatch, tmp_path):
    from abz.cli import map_job

    assert source_digest("abz.errors") != source_digest("abz.digest")
    changed = tmp_path / "errors.py"
    changed.write_text("pass")
    source_digest.cache_clear()
    before = source_digest("abz.errors")
    source_digest.cache_clear()
    monkeypatch.setattr(map_job, "module_sources", lambda module: [changed])
    assert source_digest("abz.errors") != before
    source_digest.cache_clear()
