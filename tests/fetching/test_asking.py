"""Sizes that servers state."""

import requests

from abz.fetching import Need, survey, with_sizes

ALL = Need("tiny", (2001, 2002, 2003))


def test_sizes_of_what_is_missing_are_asked(yearly):
    (state,) = with_sizes([survey(yearly(), ALL)])
    assert state.to_come == (15_000, 0)


def test_what_a_server_does_not_have_stays_unknown(yearly, archive):
    del archive.files["t_2002.nc"]
    (state,) = with_sizes([survey(yearly(), ALL)])
    assert state.to_come == (10_000, 1)


def test_a_server_that_is_not_there_is_no_harm(catalog_of):
    origin = {"by": "http", "url": "http://127.0.0.1:9/a.nc", "paths": ["one/a.nc"]}
    catalog = catalog_of(("one", "one/a.nc", {"origins": [origin]}))
    (state,) = with_sizes([survey(catalog(), Need("one"))])
    assert state.to_come == (0, 1)


def test_a_silent_server_is_asked_only_once(catalog_of, monkeypatch):
    asked = []

    def silent(url, **_):
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "head", silent)
    origin = {"by": "http", "url": "http://127.0.0.1:9/{year}.nc", "paths": ["one/{year}.nc"]}
    catalog = catalog_of(("one", "one/{year}.nc", {"years": [2001, 2003], "origins": [origin]}))
    (state,) = with_sizes([survey(catalog(), Need("one", (2001, 2002, 2003)))], jobs=1)
    assert state.to_come == (0, 3)
    assert len(asked) == 1
