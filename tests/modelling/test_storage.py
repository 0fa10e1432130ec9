import hashlib
import io
import json
import pickle
import re
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import InputError, MissingDataError, ModelFileError
from abz.modelling import (
    FluxForestRegressor,
    fit_forest,
    load_forest,
    read_header,
    save_forest,
)

ARRAYS = ("feature", "threshold", "child", "leaf", "root")
HERE = Path(__file__).parent
STORED = {
    "forest-1-mean.npz": [
        -22.128712459901386, 13.5126897336087, -22.128712459901386, -12.449660484363072, np.nan,
        np.nan, 10.833704308599222,
    ],
    "forest-1-quantile.npz": [
        -34.28081819380036, -2.6681115735291367, -34.28081819380036, -15.342041349692344, np.nan,
        np.nan, -8.662106192291086,
    ],
}  # fmt: skip
"""Files of the format abz-forest-1, and what they say of `ROWS`. They are never written again."""
ROWS = np.array(
    [[7, 70, 290, 0.8], [1, 21, 255.5, 0.05], [7, 80, 290, 0.8], [7, 31, 278, 0.4],
     [6, 33, 280, np.nan], [13, 21, 280, 0.4], [4, 160, 271, 0.2]]
)  # fmt: skip
"""Month, vegetation (80, 31 and 160 were not seen in training), LST and NDVI."""


@pytest.fixture(scope="module")
def forest():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    X[:, 0] = rng.integers(1, 13, 60)
    return fit_forest(X, X[:, 1] - X[:, 0], ["month", "lst"], trees=3, mtry=2)


@pytest.fixture
def path(forest, tmp_path):
    return save_forest(forest, tmp_path / "central.npz", {"flux": "nee", "seed": 448})


def contents(path):
    """Header and entries of a file, read by nothing of ours."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(entries.pop("header.json")), entries


def forge(path, header, entries):
    """A file with the digest that the documentation describes, whatever it holds."""
    header = {key: value for key, value in header.items() if key != "sha256"}
    digest = hashlib.sha256(json.dumps(header, sort_keys=True, ensure_ascii=False).encode())
    for name, content in entries.items():
        digest.update(b"\0" + name.encode() + b"\0" + str(len(content)).encode() + b"\0" + content)
    text = json.dumps(header | {"sha256": digest.hexdigest()})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {"header.json": text, **entries}.items():
            archive.writestr(name, content)
    return path


def array_file(array, **options):
    """The bytes of an array in NumPy's format."""
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def assert_same(found, forest):
    """Every part of both forests is the same to the last bit."""
    for name in ARRAYS:
        one, two = getattr(found, name), getattr(forest, name)
        assert one.dtype == two.dtype and one.tobytes() == two.tobytes(), name
    for name in ("predictors", "levels", "pooled", "unseen", "quantile"):
        assert getattr(found, name) == getattr(forest, name), name


@pytest.mark.parametrize("engine", ["random_forest", "quantile_forest", "gradient_boosting"])
@pytest.mark.parametrize("unseen", ["missing", "pool", "error"])
def test_round_trip(engine, unseen, tmp_path):
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.choice([21, 33, 70], 50), rng.normal(size=(50, 2))])
    options = {"engine": engine, "unseen": unseen, "trees": 3, "mtry": 2}
    options["quantile"] = 0.3 if engine == "quantile_forest" else 0.5
    forest = fit_forest(X, X[:, 1], ["vegetation", "lst", "ndvi"], **options)
    again = load_forest(save_forest(forest, tmp_path / "central.npz", {}))
    assert_same(again, forest)
    assert np.array_equal(again.predict(X), forest.predict(X))
    assert [p.name for p in tmp_path.iterdir()] == ["central.npz"]


def test_header_says_what_it_is(path):
    header = read_header(path)
    assert header["predictors"] == ["month", "lst"]
    assert header["units"] == "g C m-2 month-1"
    assert header["about"] == {"flux": "nee", "seed": 448}


def test_equal_forests_have_equal_bytes(forest, path, tmp_path):
    other = save_forest(forest, tmp_path / "other.npz", {"seed": 448, "flux": "nee"})
    assert other.read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numpy_reads_the_arrays(forest, path):
    with np.load(path, allow_pickle=False) as arrays:
        for name in ARRAYS:
            assert np.array_equal(arrays[name], getattr(forest, name))


@pytest.mark.parametrize("name", STORED)
def test_a_file_of_this_format_is_read_for_ever(name, tmp_path):
    forest = load_forest(HERE / name)
    assert np.allclose(forest.predict(ROWS), STORED[name], rtol=1e-14, equal_nan=True)
    assert forest.unseen == "pool" and forest.pooled["vegetation"][80] == 70
    header, entries = contents(HERE / name)
    again = save_forest(forest, tmp_path / name, header["about"], units=header["units"])
    assert contents(again) == (header, entries)


@pytest.mark.parametrize("name", STORED)
def test_the_documentation_is_enough_to_read_a_file(name, repository):
    page = (repository / "docs" / "methods" / "model-file.md").read_text("utf-8")
    namespace = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1), namespace)
    found = namespace["predict"](HERE / name, ROWS)
    assert np.allclose(found, STORED[name], rtol=1e-14, equal_nan=True)


def test_the_documentation_names_every_part(path, repository):
    page = (repository / "docs" / "methods" / "model-file.md").read_text("utf-8")
    header, entries = contents(path)
    named = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted([*header, *(Path(entry).stem for entry in entries)])


def test_the_digest_is_as_documented(path):
    header, entries = contents(path)
    forged, _ = contents(forge(path, header, entries))
    assert forged == header


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path):
    whole = (HERE / "forest-1-mean.npz").read_bytes()
    forest, path = load_forest(HERE / "forest-1-mean.npz"), tmp_path / "bad.npz"
    refused = 0
    for place in range(len(whole)):
        bad = bytearray(whole)
        bad[place] ^= 1 << place % 8
        path.write_bytes(bad)
        try:
            assert_same(load_forest(path), forest)
        except ModelFileError:
            refused += 1
    size = sum(map(len, contents(HERE / "forest-1-mean.npz")[1].values()))
    assert refused > size


def test_no_truncated_file_is_read(tmp_path):
    whole, path = (HERE / "forest-1-mean.npz").read_bytes(), tmp_path / "short.npz"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match="cannot be trusted"):
            load_forest(path)


@settings(max_examples=150)
@given(
    st.integers(0, 3040),
    st.integers(0, 400),
    st.one_of(st.binary(max_size=60), st.integers(0, 3040)),
)
def test_whatever_the_damage_no_other_forest_is_read(tmp_path, start, length, patch):
    """Parts are cut out and replaced by noise or by another part of the file."""
    whole = (HERE / "forest-1-mean.npz").read_bytes()
    part = patch if isinstance(patch, bytes) else whole[patch : patch + length]
    path = tmp_path / "bad.npz"
    path.write_bytes(whole[:start] + part + whole[start + length :])
    try:
        found = load_forest(path)
    except ModelFileError:
        return
    assert_same(found, load_forest(HERE / "forest-1-mean.npz"))


@settings(max_examples=50)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x93NUMPY\1\0"]))
def test_any_other_file_is_refused(tmp_path, content, start):
    path = tmp_path / "foreign.npz"
    path.write_bytes(start + content)
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(path)


def test_foreign_archives_are_refused(path):
    np.savez(path, feature=np.arange(3))
    with pytest.raises(ModelFileError, match="entries"):
        load_forest(path)


@pytest.mark.parametrize("change", ["one more", "one less", "another order", "twice"])
def test_an_archive_holds_nothing_else(path, change):
    header, entries = contents(path)
    names = list(entries)
    changed = {
        "one more": [*names, "more.npy"],
        "one less": names[:-1],
        "another order": names[::-1],
        "twice": names,
    }[change]
    forge(path, header, {name: entries.get(name, b"") for name in changed})
    if change == "twice":
        with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("leaf.npy", entries["leaf.npy"])
    with pytest.raises(ModelFileError, match="in place of"):
        load_forest(path)


class Bomb:
    """An object whose unpickling would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_pickles_are_refused_and_never_run(path, tmp_path):
    header, entries = contents(path)
    trace = tmp_path / "trace"
    objects = np.array([Bomb(trace)] * 3, dtype=object)
    forge(path, header, entries | {"leaf.npy": array_file(objects, allow_pickle=True)})
    with pytest.raises(ModelFileError, match="leaf"):
        load_forest(path)
    path.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(path)
    assert not trace.exists()
    np.load(io.BytesIO(array_file(objects, allow_pickle=True)), allow_pickle=True)
    assert trace.exists()


def claimed(shape, values, descr="<f8"):
    """Values in NumPy's format under a claim that need not be true."""
    buffer = io.BytesIO()
    claim = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, claim)
    return buffer.getvalue() + values.tobytes()


def second_format(values):
    """Values in NumPy's format 2.0."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, version=(2, 0))
    return buffer.getvalue()


WRONG_LEAVES = {
    "in single precision": lambda leaf: array_file(leaf.astype("<f4")),
    "big-endian": lambda leaf: array_file(leaf.astype(">f8")),
    "of two dimensions": lambda leaf: array_file(leaf[:, None]),
    "of no dimension": lambda leaf: claimed((), leaf),
    "of NumPy's format 2": second_format,
    "fewer than there are": lambda leaf: claimed((leaf.size - 1,), leaf),
    "more than there are": lambda leaf: claimed((leaf.size + 1,), leaf),
    "claiming all memory": lambda leaf: claimed((10**12,), leaf),
    "with a byte left over": lambda leaf: array_file(leaf) + b"\0",
    "cut off": lambda leaf: array_file(leaf)[:-8],
}


@pytest.mark.parametrize("kind", WRONG_LEAVES)
def test_leaves_of_another_kind_are_refused_whatever_the_digest(path, forest, kind):
    header, entries = contents(path)
    forge(path, header, entries | {"leaf.npy": WRONG_LEAVES[kind](forest.leaf)})
    with pytest.raises(ModelFileError, match="npz: leaf is "):
        load_forest(path)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("leaf", np.ones(0)),
        ("feature", np.ones(0, np.int16)),
        ("root", np.array([0])),
        ("child", np.zeros(10_000, np.int32)),
    ],
)
def test_arrays_that_make_no_trees_are_refused_whatever_the_digest(path, name, array):
    header, entries = contents(path)
    forge(path, header, entries | {f"{name}.npy": array_file(array)})
    with pytest.raises(ModelFileError, match="do not describe a forest"):
        load_forest(path)


def test_compressed_entries_are_refused_unread(path):
    header, entries = contents(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(header))
        for name in entries:
            archive.writestr(name, bytes(10**7))
    assert path.stat().st_size < 10**5
    with pytest.raises(ModelFileError, match=": compressed entries"):
        load_forest(path)


def test_entries_larger_than_the_file_are_refused_unread(path):
    whole = bytearray(path.read_bytes())
    entry = whole.index(b"PK\1\2")
    whole[entry + 20 : entry + 28] = (2 * 10**9).to_bytes(4, "little") * 2
    path.write_bytes(whole)
    with pytest.raises(ModelFileError, match="larger than the file"):
        load_forest(path)


def test_an_edited_header_is_refused(path):
    header, entries = contents(path)
    header["levels"]["month"].reverse()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {"header.json": json.dumps(header), **entries}.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match="digest"):
        load_forest(path)


@pytest.mark.parametrize(
    ("schema", "message"),
    [("abz-forest-2", "'abz-forest-2', of another abz"), ("x", "'x'$"), (None, "None$")],
)
def test_another_schema_is_refused(path, schema, message):
    header, entries = contents(path)
    forge(path, header | {"schema": schema}, entries)
    with pytest.raises(ModelFileError, match=re.compile(f"schema {message}", re.MULTILINE)):
        load_forest(path)


@pytest.fixture(scope="module")
def schema():
    return json.loads(files("abz.modelling").joinpath("model-file.schema.json").read_text("utf-8"))


def test_headers_obey_the_schema(schema, path):
    jsonschema.Draft202012Validator.check_schema(schema)
    for file in (path, *(HERE / name for name in STORED)):
        header, _ = contents(file)
        jsonschema.validate(header, schema)
        assert set(schema["properties"]) == set(header)


WRONG = [
    {"predictors": "month"}, {"predictors": []}, {"predictors": [1]}, {"units": None},
    {"levels": {"month": []}}, {"levels": {"month": [1.5]}}, {"levels": {"month": ["1"]}},
    {"levels": {"month": [10**30]}}, {"levels": [1]}, {"pooled": {"month": [[1]]}},
    {"pooled": {"month": {"1": 2}}}, {"unseen": "guess"}, {"quantile": 1.5},
    {"quantile": "0.5"}, {"about": "nothing"}, {"about": None}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_schema_and_reader_refuse_the_same_headers(schema, path, change):
    header, entries = contents(path)
    wrong = header | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)
    forge(path, wrong, entries)
    with pytest.raises(ModelFileError, match=next(iter(change))):
        load_forest(path)


@pytest.mark.parametrize("name", ["schema", "levels", "unseen", "sha256"])
def test_a_header_is_whole(schema, path, name):
    header, entries = contents(path)
    del header[name]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(header, schema)
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in {"header.json": json.dumps(header), **entries}.items():
            archive.writestr(entry, content)
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(path)


@pytest.mark.parametrize("text", ["[]", "[" * 100_000, "7", '{"schema": NaN}', "\udcff"])
def test_a_header_that_is_no_object_is_refused(path, text):
    _, entries = contents(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", text.encode("utf-8", "surrogateescape"))
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_whatever_json_is_said_about_a_forest_comes_back(forest, tmp_path, about):
    try:
        path = save_forest(forest, tmp_path / "central.npz", about)
    except InputError:
        assert "\\ud" in json.dumps(about)
        return
    assert read_header(path)["about"] == about
    assert_same(load_forest(path), forest)


def test_keys_become_words_as_json_has_them(forest, tmp_path):
    path = save_forest(forest, tmp_path / "central.npz", {"rows": {2: 7, 10: 8}})
    assert read_header(path)["about"] == {"rows": {"2": 7, "10": 8}}


@pytest.mark.parametrize("about", [{"rmse": np.nan}, {"rows": np.arange(3)}, {1: 2, "a": 3}])
def test_what_json_cannot_hold_is_refused_before_anything_is_written(forest, tmp_path, about):
    with pytest.raises(InputError, match="cannot be stored"):
        save_forest(forest, tmp_path / "central.npz", about)
    assert not list(tmp_path.iterdir())


def test_arrays_that_would_be_rounded_are_refused(forest, tmp_path):
    wide = replace(forest, threshold=forest.threshold.astype(np.float64) + 1e-12)
    with pytest.raises(InputError, match="cannot be stored"):
        save_forest(wide, tmp_path / "central.npz", {})


def test_a_broken_write_leaves_the_file_before_it(forest, path, monkeypatch):
    before, write = path.read_bytes(), zipfile.ZipFile.writestr

    def fail(archive, entry, content):
        if entry.filename == "leaf.npy":
            raise OSError("no space left on device")
        write(archive, entry, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="no space"):
        save_forest(forest, path, {"flux": "gpp"})
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["central.npz"]


def test_no_file(tmp_path):
    with pytest.raises(MissingDataError, match="the forest is not there"):
        load_forest(tmp_path / "central.npz")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be trusted"):
        load_forest(tmp_path)


def test_a_file_that_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(MissingDataError, match=r"remedy: fit it first \(`abz fit`\)"):
        load_forest(str(tmp_path / "central.npz"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda whole: b"", "the file is empty"),
        (lambda whole: whole[:-30], "truncated"),
        (lambda whole: pickle.dumps([1]), "no ZIP archive: it starts with"),
    ],
    ids=["empty", "truncated", "pickled"],
)
def test_a_file_that_is_no_archive_is_told_apart(path, content, message):
    path.write_bytes(content(path.read_bytes()))
    with pytest.raises(ModelFileError, match=message):
        load_forest(path)


def test_a_path_may_be_a_word(forest, tmp_path):
    path = save_forest(forest, str(tmp_path / "central.npz"), {})
    assert_same(load_forest(str(path)), forest)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("central.pkl", InputError, "name it central.npz"),
        ("central", InputError, "name it central.npz"),
        ("no/central.npz", MissingDataError, "folder of the forest's file is not there"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(forest, tmp_path, name, error, message):
    with pytest.raises(error, match=message):
        save_forest(forest, tmp_path / name, {})
    assert not list(tmp_path.iterdir())


def test_an_estimator_is_not_stored_but_its_forest(forest, tmp_path):
    with pytest.raises(InputError, match=r"model\.forest_"):
        save_forest(FluxForestRegressor(), tmp_path / "central.npz", {})


def test_the_documentation_knows_what_an_error_is(forest, tmp_path, repository):
    path = save_forest(replace(forest, unseen="error"), tmp_path / "central.npz", {})
    page = (repository / "docs" / "methods" / "model-file.md").read_text("utf-8")
    namespace = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1), namespace)
    rows = np.array([[3.0, 0.5], [np.nan, 0.5]])
    assert np.allclose(namespace["predict"](path, rows), forest.predict(rows), equal_nan=True)
    with pytest.raises(ValueError, match="month 13 was not seen"):
        namespace["predict"](path, [[13.0, 0.5]])
