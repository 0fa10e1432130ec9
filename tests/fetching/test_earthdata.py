"""Our calls of earthaccess, against a stand-in of its documented interface."""

import hashlib
import inspect
import sys
from types import ModuleType, SimpleNamespace

import pytest
import requests

from abz.catalog import read_lock
from abz.errors import FetchError, MissingDataError, PinError
from abz.fetching import Need, fetch, survey
from abz.fetching.earthdata import list_files, sign_in

TILES = {
    "access": "earthdata", "years": [2001, 2002], "origins": [
        {"by": "earthdata", "short_name": "MOD", "version": "061", "box": [-180, 45, 180, 90]},
    ],
}  # fmt: skip
NEED = Need("tiles", (2001, 2002))


class Granule(dict):
    """A result of a search: metadata and links."""

    def __init__(self, name, url, body=None, digest=None):
        part = {"Name": name, "Size": 1.2, "SizeUnit": "MB"}
        if body is not None:
            value = digest or hashlib.md5(body).hexdigest()
            part |= {"SizeInBytes": len(body), "Checksum": {"Value": value, "Algorithm": "MD5"}}
        super().__init__(umm={"DataGranule": {"ArchiveAndDistributionInformation": [part]}})
        self.links = [url, f"{url}.xml"]

    def data_links(self, access=None, in_region=False):
        assert access == "external"
        return self.links


class Session(requests.Session):
    """A session that proves to be the signed-in one."""

    def __init__(self):
        super().__init__()
        self.headers["X-Signed-In"] = "yes"


@pytest.fixture
def earthaccess(monkeypatch):
    """The module, signed in from netrc, that notes what it is asked."""
    module = ModuleType("earthaccess")
    module.exceptions = SimpleNamespace(
        LoginStrategyUnavailable=type("LoginStrategyUnavailable", (Exception,), {}),
        LoginAttemptFailure=type("LoginAttemptFailure", (Exception,), {}),
    )
    module.strategies, module.queries, module.granules = [], [], {}

    def login(strategy="all", persist=False):
        module.strategies.append(strategy)
        if strategy == "environment":
            raise module.exceptions.LoginStrategyUnavailable("no variables")
        return SimpleNamespace(authenticated=True)

    def search_data(count=-1, **query):
        module.queries.append(query)
        return module.granules.get(query["temporal"][0][:4], [])

    module.login, module.search_data = login, search_data
    module.get_requests_https_session = Session
    monkeypatch.setitem(sys.modules, "earthaccess", module)
    return module


@pytest.fixture
def tiles(catalog_of, archive, earthaccess, content):
    """A catalog of tiles; each year has two, and the search brings one of the year before."""
    for year in (2001, 2002):
        found = []
        for name in (f"MOD.A{year}001.h1.nc", f"MOD.A{year}001.h2.nc", f"MOD.A{year - 1}353.h1.nc"):
            archive.files[name] = content(name)
            found.append(Granule(name, archive.url(name), content(name)))
        earthaccess.granules[str(year)] = found
    return catalog_of(("tiles", "tiles/MOD.A{year}*.nc", TILES))


def test_the_search_is_year_by_year_with_the_box(tiles, earthaccess):
    files = list_files(earthaccess, "tiles", tiles().pin("tiles"), (2001, 2002))
    assert earthaccess.queries == [
        {
            "short_name": "MOD", "version": "061", "bounding_box": (-180.0, 45.0, 180.0, 90.0),
            "temporal": (f"{year}-01-01", f"{year}-12-31T23:59:59"),
        }
        for year in (2001, 2002)
    ]  # fmt: skip
    assert [file.path for file in files] == [
        f"tiles/MOD.A{year}001.{tile}.nc" for year in (2001, 2002) for tile in ("h1", "h2")
    ]
    assert {file.size for file in files} == {5000}
    assert all(file.published.startswith("md5:") for file in files)


def test_listed_files_come_over_the_signed_in_session(tiles, earthaccess, archive, patience, root):
    outcome = fetch(tiles(), [NEED], patience=patience)
    assert outcome.failures == []
    assert len(outcome.fetched) == 4
    assert earthaccess.strategies[:2] == ["environment", "netrc"]
    assert "interactive" not in earthaccess.strategies
    entry = read_lock(tiles().path).entries["tiles"]
    assert (len(entry.files), entry.awaited, entry.listed) == (4, {}, [2001, 2002])
    assert survey(tiles(), NEED).is_complete


def test_what_is_whole_is_not_asked_for_again(tiles, earthaccess, patience):
    fetch(tiles(), [NEED], patience=patience)
    earthaccess.queries.clear()
    assert fetch(tiles(), [NEED], patience=patience).fetched == []
    assert earthaccess.queries == []


def test_half_a_year_never_passes_for_a_year(tiles, archive, patience):
    archive.faults["MOD.A2001001.h2.nc"] = [404]
    assert len(fetch(tiles(), [NEED], patience=patience).failures) == 1
    with pytest.raises(MissingDataError, match=r"not complete|h2\.nc"):
        tiles().files("tiles", [2001])
    assert len(tiles().files("tiles", [2002])) == 2
    assert fetch(tiles(), [NEED], patience=patience).fetched == ["tiles/MOD.A2001001.h2.nc"]
    assert len(tiles().files("tiles", [2001])) == 2


def test_other_bytes_than_the_archive_states_are_refused(tiles, archive, patience, root, content):
    archive.files["MOD.A2001001.h2.nc"] = content("other")
    outcome = fetch(tiles(), [NEED], patience=patience)
    assert isinstance(outcome.failures[0].error, PinError)
    assert "states" in str(outcome.failures[0].error)
    assert not (root / "tiles/MOD.A2001001.h2.nc").exists()


def test_a_file_on_disk_is_compared_with_what_the_archive_states(tiles, root, patience, content):
    (root / "tiles").mkdir()
    (root / "tiles/MOD.A2001001.h1.nc").write_bytes(content("MOD.A2001001.h1.nc"))
    (root / "tiles/MOD.A2001001.h2.nc").write_bytes(content("older"))
    outcome = fetch(tiles(), [NEED], patience=patience)
    assert outcome.failures == []
    found = (root / "tiles/MOD.A2001001.h2.nc").read_bytes()
    assert found == content("MOD.A2001001.h2.nc")


def test_a_file_on_disk_of_another_size_than_stated_is_replaced(
    tiles, earthaccess, root, patience, content
):
    for part in [g["umm"]["DataGranule"] for g in earthaccess.granules["2001"]]:
        del part["ArchiveAndDistributionInformation"][0]["Checksum"]
    (root / "tiles").mkdir()
    (root / "tiles/MOD.A2001001.h2.nc").write_bytes(content("older", 4000))
    assert fetch(tiles(), [NEED], patience=patience).failures == []
    found = (root / "tiles/MOD.A2001001.h2.nc").read_bytes()
    assert found == content("MOD.A2001001.h2.nc")


def test_a_search_that_finds_nothing_is_told(tiles, earthaccess, patience):
    earthaccess.granules["2002"] = []
    outcome = fetch(tiles(), [NEED], patience=patience)
    assert "lists no file for tiles/MOD.A2002*.nc" in str(outcome.failures[0].error)
    assert outcome.fetched == []


def test_a_search_that_fails_is_told_without_its_words(tiles, earthaccess, patience, monkeypatch):
    def fail(**_):
        raise RuntimeError("token hidden")

    monkeypatch.setattr(earthaccess, "search_data", fail)
    message = str(fetch(tiles(), [NEED], patience=patience).failures[0].error)
    assert "search" in message
    assert "hidden" not in message


def test_no_account_is_told_with_the_places_for_one(tiles, earthaccess, patience, monkeypatch):
    def login(strategy):
        raise earthaccess.exceptions.LoginStrategyUnavailable

    monkeypatch.setattr(earthaccess, "login", login)
    message = str(fetch(tiles(), [NEED], patience=patience).failures[0].error)
    for words in ("EARTHDATA_TOKEN", "~/.netrc"):
        assert words in message


def test_a_refused_account_is_told_without_what_was_sent(earthaccess, monkeypatch):
    def login(strategy):
        raise earthaccess.exceptions.LoginAttemptFailure("password hidden")

    monkeypatch.setattr(earthaccess, "login", login)
    with pytest.raises(FetchError) as error:
        sign_in()
    assert "hidden" not in str(error.value)


def test_without_a_network_the_account_is_not_blamed(earthaccess, monkeypatch):
    def login(strategy):
        raise requests.ConnectionError("hidden")

    monkeypatch.setattr(earthaccess, "login", login)
    with pytest.raises(FetchError, match="Earthdata cannot be reached") as error:
        sign_in()
    assert "network" in str(error.value)
    for words in ("hidden", "EARTHDATA_TOKEN"):
        assert words not in str(error.value)


def test_without_the_package_the_extra_is_named(tiles, patience, monkeypatch):
    monkeypatch.setitem(sys.modules, "earthaccess", None)
    message = str(fetch(tiles(), [NEED], patience=patience).failures[0].error)
    assert "abz[earthdata]" in message


def test_the_real_package_has_what_is_called():
    real = pytest.importorskip("earthaccess")
    assert {"strategy", "persist"} <= {*inspect.signature(real.login).parameters}
    assert "count" in inspect.signature(real.search_data).parameters
    assert callable(real.get_requests_https_session)
    for name in ("LoginStrategyUnavailable", "LoginAttemptFailure"):
        assert issubclass(getattr(real.exceptions, name), Exception)
