import pytest

from abz.catalog import read_document
from abz.errors import ConfigError, MissingDataError


def at(content, path, value):
    """Put a value into nested content."""
    *parents, last = path
    node = content
    for key in parents:
        node = node[key]
    node[last] = value
    return content


def test_the_tiny_catalog_is_read(content, write):
    document = read_document(write(content))
    assert document.pin("tiny").patterns == ("tiny/t_{year}.bin",)


def test_a_catalog_that_is_not_there(tmp_path):
    with pytest.raises(MissingDataError, match="catalog"):
        read_document(tmp_path / "none.yaml")


URL = ("data", "tiny_files", "kwargs", "url")
PIN = ("entries", "tiny", "metadata", "pin")
MALICE = {
    "shell in an address": (URL, "{shell(touch /tmp/x)}"),
    "environment in an address": (URL, "{root}/{env(HOME)}"),
    "attribute of the parameter": (URL, "{root.__class__}/a"),
    "remote address": (URL, "https://example.org/{year}"),
    "chained address": (URL, "{root}/simplecache::https:x"),
    "way out of the folder": (URL, "{root}/../secret"),
    "absolute address": (URL, "/etc/passwd"),
    "import in a note": ((*PIN, "note"), "{import(os:system)}"),
    "function in a parameter": (("user_parameters", "root", "default"), "func(os:getcwd)"),
    "pickle in a title": (("metadata", "title"), "{pickle64(gASV)}"),
    "data in a note": ((*PIN, "note"), "data(tiny)"),
    "foreign reader": (("entries", "tiny", "reader"), "subprocess:Popen"),
    "reader of intake that is not declared": (
        ("entries", "tiny", "reader"),
        "intake.readers.readers:PythonModule",
    ),
    "foreign data type": (("data", "tiny_files", "datatype"), "os:system"),
    "class of a parameter": (("user_parameters", "root", "cls"), "subprocess:Popen"),
    "class of an entry": (("entries", "tiny", "cls"), "subprocess:Popen"),
    "class of data": (("data", "tiny_files", "cls"), "subprocess:Popen"),
    "more arguments": (("entries", "tiny", "kwargs", "shell"), "true"),
    "parameters of an entry": (("entries", "tiny", "user_parameters", "x"), {"cls": "os:system"}),
    "a second parameter": (("user_parameters", "x"), "{env(HOME)}"),
    "product of another reader": (("entries", "tiny", "kwargs", "product"), "other"),
    "data that are not described": (("entries", "tiny", "kwargs", "data"), "{data(none_files)}"),
    "alias of nothing": (("aliases", "other"), "nothing"),
    "version 1": (("version",), 1),
    "key that runs": (("metadata", "{shell(id)}"), "x"),
}


@pytest.mark.parametrize("change", MALICE.values(), ids=MALICE)
def test_a_catalog_cannot_run_or_reach_anything(content, write, change):
    with pytest.raises(ConfigError) as error:
        read_document(write(at(content, *change)))
    assert "catalog.yaml" in str(error.value)


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system ['id']", "- a list", "a: [", "{shell(id)}: 1"]
)
def test_files_that_are_no_catalog(tmp_path, text):
    path = tmp_path / "catalog.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        read_document(path)
