import json
import zipfile

import numpy as np
import pytest

from abz.errors import MissingDataError, ModelFileError
from abz.modelling import fit_forest, load_forest, read_header, save_forest


@pytest.fixture(scope="module")
def forest():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    X[:, 0] = rng.integers(1, 13, 60)
    return fit_forest(X, X[:, 1] - X[:, 0], ["month", "lst"], trees=3, mtry=2)


@pytest.fixture
def path(forest, tmp_path):
    return save_forest(forest, tmp_path / "central.npz", {"flux": "nee", "seed": 448})


def test_round_trip(forest, path):
    again = load_forest(path)
    rows = np.array([[3.0, 0.5], [12.0, -1.0], [13.0, 0.0]])
    assert np.array_equal(again.predict(rows), forest.predict(rows), equal_nan=True)
    assert again.levels == forest.levels
    assert [p.name for p in path.parent.iterdir()] == ["central.npz"]


def test_header_says_what_it_is(path):
    header = read_header(path)
    assert header["predictors"] == ["month", "lst"]
    assert header["units"] == "g C m-2 month-1"
    assert header["about"] == {"flux": "nee", "seed": 448}


def test_equal_forests_have_equal_bytes(forest, path, tmp_path):
    other = save_forest(forest, tmp_path / "other.npz", {"seed": 448, "flux": "nee"})
    assert other.read_bytes() == path.read_bytes()


def test_numpy_reads_the_arrays(forest, path):
    with np.load(path, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["threshold"], forest.threshold)


def test_any_flipped_byte_of_the_content_is_noticed(path):
    good = path.read_bytes()
    rng = np.random.default_rng(1)
    before = load_forest(path)
    for place in rng.integers(0, len(good), 60):
        bad = bytearray(good)
        bad[place] ^= 0x55
        path.write_bytes(bytes(bad))
        try:
            found = load_forest(path)
        except ModelFileError:
            continue
        assert np.array_equal(found.leaf, before.leaf)
        assert np.array_equal(found.threshold, before.threshold)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(path)


def test_foreign_archives_are_refused(path):
    np.savez(path, feature=np.arange(3))
    with pytest.raises(ModelFileError, match="entries"):
        load_forest(path)


def test_pickles_are_refused(path):
    rewrite(path, "leaf.npy", pickled())
    with pytest.raises(ModelFileError):
        load_forest(path)


def test_an_edited_header_is_refused(path):
    header = json.loads(zipfile.ZipFile(path).read("header.json"))
    header["levels"]["month"].reverse()
    rewrite(path, "header.json", json.dumps(header).encode())
    with pytest.raises(ModelFileError, match="digest"):
        load_forest(path)


def test_another_schema_is_refused(path):
    header = json.loads(zipfile.ZipFile(path).read("header.json"))
    rewrite(path, "header.json", json.dumps({**header, "schema": "x"}).encode())
    with pytest.raises(ModelFileError, match="schema 'x'"):
        load_forest(path)


def test_no_file(tmp_path):
    with pytest.raises(MissingDataError, match="the forest is not there"):
        load_forest(tmp_path / "central.npz")


def pickled():
    """An array file that holds a pickle."""
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def rewrite(path, name, content):
    """Replace one entry of an archive."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, old in entries.items():
            archive.writestr(entry, content if entry == name else old)
