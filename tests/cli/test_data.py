"""`abz data` from its arguments to its exit code."""

import http.server
import re
import shlex
import threading
from functools import partial

import pytest
import yaml

from abz.catalog import lock_path
from abz.cli.data_arguments import ACTIONS
from abz.cli.main import main

HDF5 = b"\x89HDF\r\n\x1a\n"
STUDY = """
name = "tiny"
catalog = "{catalog}"
data = "{data}"
[sets.coarse]
cell_m = 8000
first_year = 2001
last_year = 2001
"""


@pytest.fixture
def served(tmp_path):
    """A folder that is served over HTTP, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def abz(tmp_path, repository, served, monkeypatch):
    """`abz data` for a study whose TerraClimate is served here; the rest has no origin."""
    monkeypatch.delenv("ABZ_DATA", raising=False)
    folder, address = served
    content = yaml.safe_load((repository / "catalog.yaml").read_text("utf-8"))
    for name, entry in content["entries"].items():
        pin = entry["metadata"]["pin"]
        pin.pop("origins", None)
        if name == "terraclimate":
            files = [f"TerraClimate_{v}_{{year}}.nc" for v in ("srad", "vpd", "tmin", "tmax")]
            pin["origins"] = [
                {"by": "http", "url": f"{address}/{file}", "paths": [f"terraclimate/{file}"]}
                for file in files
            ]
    for variable in ("srad", "vpd", "tmin", "tmax"):
        (folder / f"TerraClimate_{variable}_2001.nc").write_bytes(HDF5 + variable.encode() * 99)
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.yaml").write_text(yaml.safe_dump(content), "utf-8")
    config = tmp_path / "tiny.toml"
    config.write_text(STUDY.format(catalog=tmp_path / "catalog.yaml", data=tmp_path / "data"))
    return lambda action, *words: main(["data", action, *words, "--config", str(config)])


def test_from_nothing_to_verified(abz, tmp_path, capsys):
    assert abz("status", "terraclimate") == 1
    assert "4 files or patterns of unknown size to come" in capsys.readouterr().out
    assert abz("status", "terraclimate", "--ask") == 1
    assert "1.5 kB to come\n" in capsys.readouterr().out
    assert abz("fetch", "terraclimate") == 0
    assert "4 files fetched" in capsys.readouterr().out
    assert lock_path(tmp_path / "catalog.yaml").is_file()
    assert abz("status", "terraclimate") == 0
    assert abz("verify", "terraclimate") == 0
    assert "4 files are as pinned, 0 are not" in capsys.readouterr().out


def test_what_changed_upstream_is_refused_with_both_digests(abz, served, tmp_path, capsys):
    abz("fetch", "terraclimate")
    (tmp_path / "data/terraclimate/TerraClimate_vpd_2001.nc").unlink()
    (served[0] / "TerraClimate_vpd_2001.nc").write_bytes(HDF5 + b"changed")
    assert abz("fetch", "terraclimate") == 1
    message = capsys.readouterr().err
    assert message.count("sha256 ") == 2
    assert "--renew" in message
    assert not (tmp_path / "data/terraclimate/TerraClimate_vpd_2001.nc").exists()
    assert abz("lock", "terraclimate", "--renew") == 0
    assert abz("fetch", "terraclimate") == 0


def test_verify_finds_a_changed_byte(abz, tmp_path, capsys):
    abz("fetch", "terraclimate")
    path = tmp_path / "data/terraclimate/TerraClimate_vpd_2001.nc"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert abz("status", "terraclimate") == 0
    assert abz("verify", "terraclimate") == 1
    assert "TerraClimate_vpd_2001.nc changed: pinned sha256" in capsys.readouterr().out


def test_each_remedy_is_the_command_for_this_run(abz, served, tmp_path, capsys):
    config = ["--config", str(tmp_path / "tiny.toml")]
    folder = tmp_path / "data" / "terraclimate"
    folder.mkdir()
    for path in served[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())

    def remedies(action):
        out = abz(action, "terraclimate") and capsys.readouterr().out
        return re.findall("`abz (.*?)`", out or capsys.readouterr().out)

    assert remedies("status") == [shlex.join(["data", "lock", *config])]
    assert remedies("verify") == [shlex.join(["data", "lock", *config])]
    assert main(["data", "lock", "terraclimate", *config]) == 0
    (folder / "TerraClimate_vpd_2001.nc").write_bytes(HDF5 + b"changed")
    (folder / "TerraClimate_tmin_2001.nc").write_bytes(HDF5 + b"tmin" * 98 + b"?min")
    capsys.readouterr()
    fetching, renewing = remedies("verify")
    assert fetching == shlex.join(["data", "fetch", *config])
    assert renewing == shlex.join(["data", "lock", "terraclimate", "--renew", *config])
    assert main(shlex.split(renewing)) == 0
    assert abz("verify", "terraclimate") == 0


def test_the_whole_run_is_told_what_is_to_be_had_by_hand(abz, capsys):
    assert abz("fetch") == 1
    out, err = capsys.readouterr()
    assert "still incomplete: abcflux" in out
    assert "cavm: Raster Circumpolar Arctic Vegetation Map 1 has to be had by hand" in err
    assert "`abz data status --config " in out
    assert "terraclimate" not in out.split("still incomplete")[1]


def test_status_sums_up_the_run(abz, capsys):
    assert abz("status") == 1
    out = capsys.readouterr().out
    for name in ("abcflux", "cavm", "gimms3g", "era5_land", "vcf5kyr"):
        assert name in out
    assert "mod13a1" not in out
    assert "to come" in out.splitlines()[-1]
    assert "gimms3g: to be had by hand" in out
    assert "how many files" not in out  # nothing here has an archive that lists its files


def test_status_says_in_one_line_which_archives_have_to_be_asked(repository, tmp_path, capsys):
    config = tmp_path / "tiny.toml"
    config.write_text(STUDY.format(catalog=repository / "catalog.yaml", data=tmp_path))
    assert main(["data", "status", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert out.count("how many files there are is known when the archive was asked") == 1
    assert "gimms3g, vcf5kyr: how many" in out


def test_files_on_disk_are_pointed_to(abz, served, tmp_path, capsys):
    assert abz("fetch", "terraclimate", "--from", str(served[0])) == 0
    assert "4 files linked" in capsys.readouterr().out
    assert (tmp_path / "data/terraclimate/TerraClimate_vpd_2001.nc").is_symlink()
    assert abz("verify", "terraclimate") == 0


def test_a_synthetic_run_needs_no_data(repository, capsys):
    config = str(repository / "tasks/config/demo.toml")
    for action in ("status", "fetch", "verify", "lock"):
        assert main(["data", action, "--config", config]) == 0
        out = capsys.readouterr().out
        assert "makes its data itself" in out
        assert "--config" in out


@pytest.mark.parametrize("action", ["status", "fetch", "verify", "lock"])
def test_files_of_a_synthetic_run_never_pass_for_those_of_a_product(
    action, repository, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("catalog.yaml", "tasks/config/demo.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((repository / name).read_bytes())
    place = tmp_path / "runs/demo/archive/era5_land/era5_land_monthly_2001.nc"
    place.parent.mkdir(parents=True)
    place.write_bytes(HDF5)
    assert main(["data", action, "era5_land"]) == 2
    assert "--config FILE" in capsys.readouterr().err
    assert not lock_path(tmp_path / "catalog.yaml").exists()


def test_list_shows_every_dataset(repository, capsys, monkeypatch):
    monkeypatch.chdir(repository)
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    for name in ("terraclimate", "mod13a1", "gfed500m", "ornl_2377"):
        assert name in out


def test_list_tells_what_a_run_reads_from_what_it_is_compared_with(repository, capsys, monkeypatch):
    monkeypatch.chdir(repository)
    assert main(["data", "list", "--config", "tasks/config/full.toml"]) == 0
    out = capsys.readouterr().out
    marks = {line.split()[1]: line[0] for line in out.splitlines() if line[:1] in ("*", "+")}
    assert (marks["mod13a1"], marks["gcb2022_inversions"], marks["gfed4"]) == ("*", "+", "+")
    assert "arctic_climatology" not in marks
    assert "+ laid beside the run where it is there" in out


def test_a_command_given_elsewhere_is_told_where_the_catalog_is(
    repository, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["data", "list", "--config", str(repository / "tasks/config/full.toml")]) == 2
    err = capsys.readouterr().err
    assert "the catalog is not there" in err
    assert "in the folder that holds catalog.yaml" in err


def test_renew_wants_names(abz, capsys):
    assert abz("lock", "--renew") == 2
    assert "named" in capsys.readouterr().err


def test_an_unknown_dataset_is_an_error(abz, capsys):
    assert abz("status", "teraclimate") == 2
    assert "terraclimate" in capsys.readouterr().err


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_explains_itself(action, capsys):
    with pytest.raises(SystemExit) as end:
        main(["data", action, "--help"])
    assert end.value.code == 0
    assert ACTIONS[action][:20] in capsys.readouterr().out
