"""The RO-Crate of a run."""

import json

import pytest

from abz.cli.crate import run_crate

PIN = {"sha256": "0f", "bytes": 3}
MANIFEST = {
    "run": "tiny",
    "synthetic": True,
    "config": {"title": "Tiny", "seed": 448},
    "software": {"abz": "0.1.0", "python": "3.13.1"},
    "inputs": {
        "cavm": {"product": "CAVM", "version": "1", "doi": None, "files": {}},
        "era5_land": {"product": "ERA5-Land", "version": "1", "doi": "10.24381/x", "files": {}},
    },
    "outputs": {"flux/fine.zarr": PIN, "site": PIN, "results/numbers.json": PIN},
}


@pytest.fixture
def entities():
    graph = run_crate(MANIFEST)["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph)
    return found


def links(value):
    """All references inside an entity."""
    if isinstance(value, dict):
        yield from [value["@id"]] if set(value) == {"@id"} else links(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from links(item)


def test_every_reference_has_its_entity(entities):
    elsewhere = {"https://w3id.org/ro/crate/1.1"}
    wanted = {link for entity in entities.values() for link in links(entity)}
    assert wanted - elsewhere <= set(entities)


def test_the_root_has_what_the_specification_requires(entities):
    root = entities["./"]
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert root["conformsTo"]["@id"] in entities


def test_the_action_names_software_configuration_inputs_and_outputs(entities):
    action = entities["#run"]
    assert action["instrument"] == {"@id": "#abz"}
    assert json.loads(entities["#config"]["value"]) == MANIFEST["config"]
    objects = [link["@id"] for link in action["object"]]
    assert objects == ["#config", "#input-cavm", "#input-era5_land"]
    results = {link["@id"]: entities[link["@id"]]["@type"] for link in action["result"]}
    assert results == {
        "flux/fine.zarr/": "Dataset", "site/": "Dataset", "results/numbers.json": "File"
    }  # fmt: skip
    assert entities["results/numbers.json"]["identifier"] == "sha256:0f"


def test_the_date_is_fixed_or_that_of_the_environment(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert run_crate(MANIFEST)["@graph"][1]["datePublished"] == "2025-01-01"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert run_crate(MANIFEST)["@graph"][1]["datePublished"] == "1970-01-02"
