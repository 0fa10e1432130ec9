"""What a run was made of, and whether it still is."""

import pytest

from abz.cli import manifest
from abz.cli.layout import Layout
from abz.cli.main import main
from abz.cli.manifest import verify, write_manifest
from abz.cli.storage import read_json, write_json
from abz.config import parse_config
from abz.digest import digest
from abz.errors import InputError, MissingDataError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run of one stage with one output."""
    monkeypatch.setattr(manifest, "expected_receipts", lambda config: ["report.json"])
    fine = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}
    config = parse_config(
        {"name": "tiny", "output": str(tmp_path), "world": {}, "sets": {"fine": fine}}
    )
    layout = Layout(config.root)
    made = write_json({"nee": -1}, layout.results / "numbers.json")
    pin = {"results/numbers.json": {"sha256": digest(made), "bytes": made.stat().st_size}}
    write_json({"outputs": pin}, layout.receipts / "report.json")
    write_json({"seconds": 1.5, "peak_mb": 90}, layout.costs / "report.json")
    for stage, years in (("harmonise_fine", (2001, 2002)), ("harmonise_coarse", (1990, 2001))):
        files = {f"era5_land/{year}.nc": f"{year}" for year in years}
        pin = {"product": "ERA5-Land", "version": "1", "doi": "10.24381/cds.68d2bb30"}
        write_json({"era5_land": {**pin, "files": files}}, layout.inputs / f"{stage}.json")
    write_manifest(config, layout)
    return config, layout


def test_an_untouched_run_verifies(run, capsys):
    _, layout = run
    assert verify(layout.root) == []
    assert main(["verify", str(layout.root)]) == 0
    said = capsys.readouterr().out
    assert "all 1 outputs" in said
    assert "byte for byte" in said


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_changed_output_is_named(run, change, capsys):
    _, layout = run
    path = layout.results / "numbers.json"
    path.write_text("{}") if change == "edit" else path.unlink()
    assert [difference[0] for difference in verify(layout.root)] == ["results/numbers.json"]
    assert main(["verify", str(layout.root)]) == 1


def test_the_manifest_says_what_made_the_run(run):
    _, layout = run
    found = read_json(layout.manifest)
    assert found["synthetic"] is True
    assert found["seeds"] == {"run": 448, "world": 20250101}
    assert found["software"]["packages"]["numpy"]
    assert found["cost"] == {"report": {"seconds": 1.5, "peak_mb": 90}}


def test_inputs_of_all_stages_are_listed_with_their_digests(run):
    _, layout = run
    found = read_json(layout.manifest)["inputs"]
    assert found["era5_land"]["version"] == "1"
    years = ("1990", "2001", "2002")
    assert found["era5_land"]["files"] == {f"era5_land/{year}.nc": year for year in years}


def test_a_crate_stands_beside_the_manifest(run):
    _, layout = run
    ids = {entity["@id"] for entity in read_json(layout.crate)["@graph"]}
    assert {"results/numbers.json", "manifest.json", "#input-era5_land", "#abz"} <= ids


def test_the_manifest_is_left_alone_while_nothing_changes(run):
    config, layout = run
    before = layout.manifest.stat().st_mtime_ns
    write_json({"seconds": 99, "peak_mb": 90}, layout.costs / "report.json")
    write_manifest(config, layout)
    assert layout.manifest.stat().st_mtime_ns == before


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="no manifest"):
        verify(tmp_path)


def test_a_run_with_an_unfinished_stage_gets_no_manifest(run):
    config, layout = run
    (layout.receipts / "report.json").unlink()
    with pytest.raises(MissingDataError, match="no receipt"):
        write_manifest(config, layout)


def test_a_damaged_manifest_is_refused(run):
    _, layout = run
    layout.manifest.write_text("{")
    with pytest.raises(InputError, match="damaged"):
        verify(layout.root)
