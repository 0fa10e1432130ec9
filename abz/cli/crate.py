"""A run as a Process Run RO-Crate: what ran, on what, to what result, in a shared vocabulary."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

__all__ = ["EPOCH", "run_crate"]

EPOCH = "1735689600"
"""Time that documents of a run carry where `SOURCE_DATE_EPOCH` is not set, seconds since 1970:
it is fixed, so that the same results give the same bytes."""

RO_CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
LICENSE = "https://spdx.org/licenses/BSD-3-Clause"

Entity = dict[str, Any]


def run_crate(manifest: Mapping[str, Any]) -> Entity:
    """The metadata of a run folder as JSON-LD.

    Parameters
    ----------
    manifest : mapping
        `run`, `synthetic`, `config`, `software`, `inputs` and `outputs` of the run's manifest.

    Returns
    -------
    dict
        One action, whose instrument is abz, whose objects are the configuration and the input
        datasets, and whose results are the outputs with their sizes and SHA-256.

    References
    ----------
    .. [1] RO-Crate Metadata Specification 1.1.
    .. [2] Workflow Run RO-Crate, Process Run Crate profile 0.5.

    Examples
    --------
    >>> software = {"abz": "0.1.0", "python": "3.13.1"}
    >>> crate = run_crate({"run": "tiny", "synthetic": True, "config": {}, "software": software,
    ...                    "inputs": {}, "outputs": {}})
    >>> [entity["@id"] for entity in crate["@graph"]][:2]
    ['ro-crate-metadata.json', './']
    """
    config = json.dumps(manifest["config"], sort_keys=True)
    objects = [
        {"@id": "#config", "@type": "PropertyValue", "name": "configuration", "value": config},
        *(_dataset(name, found) for name, found in sorted(manifest["inputs"].items())),
    ]
    results = [_output(path, pin) for path, pin in sorted(manifest["outputs"].items())]
    record = {
        "@id": "manifest.json", "@type": "File", "encodingFormat": "application/json",
        "name": "versions, configuration, seeds, and the SHA-256 of every input and output",
    }  # fmt: skip
    action = {
        "@id": "#run", "@type": "CreateAction", "name": f"abz all, run {manifest['run']}",
        "instrument": {"@id": "#abz"}, "object": _links(objects), "result": _links(results),
    }  # fmt: skip
    parts = [*results, record]
    graph = [_descriptor(), _root(manifest, parts), *_context(manifest), action, *objects, *parts]
    return {"@context": f"{RO_CRATE}/context", "@graph": graph}


def _descriptor() -> Entity:
    """The metadata file itself."""
    return {
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
        "about": {"@id": "./"}, "conformsTo": {"@id": RO_CRATE},
    }  # fmt: skip


def _root(manifest: Mapping[str, Any], parts: list[Entity]) -> Entity:
    """The folder of the run."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))
    data = "a synthetic Arctic" if manifest["synthetic"] else "real data"
    return {
        "@id": "./", "@type": "Dataset", "conformsTo": {"@id": PROFILE},
        "name": manifest["config"].get("title") or manifest["run"],
        "description": f"Arctic–boreal CO2 budget computed by abz from {data}.",
        "datePublished": datetime.fromtimestamp(seconds, UTC).date().isoformat(),
        "license": {"@id": LICENSE}, "hasPart": _links(parts), "mentions": {"@id": "#run"},
    }  # fmt: skip


def _context(manifest: Mapping[str, Any]) -> list[Entity]:
    """Profile, licence and software that the other entities point to."""
    software = manifest["software"]
    return [
        {
            "@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate",
            "version": "0.5",
        },
        {"@id": LICENSE, "@type": "CreativeWork", "name": "BSD 3-Clause License"},
        {
            "@id": "#abz", "@type": "SoftwareApplication", "name": "abz",
            "softwareVersion": software["abz"],
            "softwareRequirements": f"Python {software['python']}",
        },
    ]  # fmt: skip


def _dataset(name: str, found: Mapping[str, Any]) -> Entity:
    """One input dataset; the manifest lists its files."""
    doi = found.get("doi")
    return {
        "@id": f"#input-{name}", "@type": "Dataset", "name": found["product"],
        "version": found["version"], **({"identifier": f"https://doi.org/{doi}"} if doi else {}),
    }  # fmt: skip


def _output(path: str, pin: Mapping[str, Any]) -> Entity:
    """One output: a file, or a folder whose digest covers all files in it."""
    about = {"identifier": f"sha256:{pin['sha256']}", "contentSize": str(pin["bytes"])}
    if PurePosixPath(path).suffix in ("", ".zarr"):
        return {"@id": f"{path}/", "@type": "Dataset", "name": path, **about}
    return {"@id": path, "@type": "File", "name": path, **about}


def _links(entities: list[Entity]) -> list[Entity]:
    """References to entities."""
    return [{"@id": entity["@id"]} for entity in entities]
