import pytest

from abz.catalog import CATALOG, Catalog, write_world_catalog
from abz.errors import PinError


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "archive"
    for path in ("cavm/raster_cavm_v1.tif", "mod44b/MOD44B.A2001065.h01v01.006.2001.hdf",
                 "mod44b/MOD44B.A2002065.h01v01.006.2002.hdf"):  # fmt: skip
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())
    return folder


def test_the_archive_is_pinned_whole(world):
    path = write_world_catalog(world)
    assert path == world / "catalog.yaml"
    catalog = Catalog.load(path, world)
    assert catalog.names() == ("cavm", "mod44b")
    assert len(catalog.files("mod44b")) == len(catalog.pin("mod44b").files) == 2
    assert [p.name for p in catalog.files("mod44b", [2002])] == [
        "MOD44B.A2002065.h01v01.006.2002.hdf"
    ]


def test_a_stand_in_does_not_claim_to_be_the_product(world):
    real = Catalog.load(CATALOG, world)
    synthetic = Catalog.load(write_world_catalog(world), world)
    for name in synthetic.names():
        pin = synthetic.pin(name)
        assert pin.product == f"Synthetic stand-in for {real.pin(name).product}"
        assert (pin.provider, pin.doi, pin.url) == ("synthetic", None, None)
        assert pin.patterns == real.pin(name).patterns


def test_the_same_archive_gives_the_same_bytes(world):
    first = write_world_catalog(world).read_bytes()
    assert write_world_catalog(world).read_bytes() == first
    assert not list(world.glob("*.partial"))


def test_a_changed_archive_is_refused(world):
    catalog = Catalog.load(write_world_catalog(world), world)
    (world / "cavm" / "raster_cavm_v1.tif").write_bytes(b"cavm/raster_cavm_v1.tiF")
    with pytest.raises(PinError):
        catalog.files("cavm")
