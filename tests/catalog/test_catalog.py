import re
from pathlib import Path

import intake
import pytest

from abz.catalog import CATALOG, READERS, Catalog
from abz.errors import InputError, MissingDataError, PinError
from abz.vocabulary import MODEL_SETS

DERIVED = {"vegetation"}


@pytest.fixture
def tiny(content, write, archive):
    return Catalog.load(write(content), archive)


def test_open_goes_through_intake_and_the_reader(tiny, tiny_reader):
    assert tiny.open("tiny", [2001]) == {"t_2001.bin": 2001}
    assert tiny.open("tiny", [2002, 2003], scale=2) == {"t_2002.bin": 4004}
    assert len(tiny.open("tiny")) == 3


def test_plain_intake_opens_the_same_catalog(tiny, tiny_reader):
    plain = intake.from_yaml_file(str(tiny.path))(root=str(tiny.root))
    assert list(plain) == ["tiny"]
    assert plain.tiny.read(years=[2004]) == {"t_2004.bin": 2004}


def test_open_checks_the_pin(content, write, archive, tiny_reader):
    pin = content["entries"]["tiny"]["metadata"]["pin"]
    pin["files"] = [{"path": "tiny/t_2001.bin", "sha256": "0" * 64, "bytes": 4}]
    catalog = Catalog.load(write(content), archive)
    with pytest.raises(PinError, match=r"0{64}"):
        catalog.open("tiny", [2001])


def test_an_unknown_name_is_corrected(tiny):
    for ask in (tiny.pin, tiny.files, tiny.open):
        with pytest.raises(InputError, match="did you mean 'tiny'"):
            ask("tiy")


def test_an_entry_without_reader_says_so(tiny):
    with pytest.raises(InputError, match="nothing reads it yet"):
        tiny.open("tiny", [2001])


# --- the catalog of the checkout -----------------------------------------------------------------


@pytest.fixture(scope="module")
def catalog():
    return Catalog.load(CATALOG, Path("data"))


def test_every_predictor_has_its_dataset(catalog):
    used = {source.dataset for sources in MODEL_SETS.values() for source in sources.values()}
    assert used - DERIVED <= set(catalog.names())
    for sources in MODEL_SETS.values():
        for source in sources.values():
            if source.dataset not in DERIVED:
                assert source.variable in catalog.pin(source.dataset).canonical


def test_comparison_products_and_masks_are_catalogued(catalog):
    assert {
        "abcflux", "esa_cci_lc", "cavm", "ecoregions2017", "permafrost_map", "countries",
        "gfed500m", "gfed4", "gfed5", "gcb2022_inversions", "cmip6_land_fluxes", "fluxcom",
        "fluxcom_x_base", "winter_flux", "ornl_2377", "flux_training", "arctic_climatology",
    } <= set(catalog.names())  # fmt: skip


def test_every_entry_says_what_it_is(catalog):
    for name in catalog.names():
        pin = catalog.pin(name)
        assert pin.product
        assert pin.version
        assert pin.provider
        assert pin.license
        assert pin.patterns
        assert pin.doi or pin.url or pin.note, name


def test_the_in_situ_data_are_the_published_ones(catalog):
    assert catalog.pin("abcflux").doi == "10.3334/ORNLDAAC/1934"


def test_only_declared_readers(catalog):
    assert {entry.reader for entry in catalog.document.entries.values()} <= set(READERS)


def test_product_files_lie_in_a_folder_of_the_entry_name(catalog):
    for name, entry in catalog.document.entries.items():
        if entry.metadata.pin.access != "local":
            assert {p.split("/")[0] for p in catalog.pin(name).patterns} == {name}


def test_all_pages_are_reached_by_https(repository):
    assert not re.search(r"http://", (repository / "catalog.yaml").read_text())


def test_a_missing_product_says_how_to_get_it(catalog):
    with pytest.raises(MissingDataError, match="Copernicus Climate Data Store"):
        catalog.files("era5_land", [2001])


PINNED = (
    "flux_training",
    "flux_training_sites",
    "barrow_co2_as_used",
    "arctic_climatology",
    "published_budgets_8km",
    "published_months_8km",
    "published_environment_8km",
    "published_site_trends",
    "published_importance",
    "flux_training_held_out",
    "cmip6_permafrost_region",
)


@pytest.mark.parametrize("name", PINNED)
def test_real_files_are_the_pinned_ones(real_data, name):
    catalog = Catalog.load(CATALOG, real_data)
    assert len(catalog.files(name)) == len(catalog.pin(name).files) > 0


def test_real_data_open_through_their_readers(real_data):
    catalog = Catalog.load(CATALOG, real_data)
    rows = catalog.open("flux_training")
    assert (rows["gpp"].mean(), rows["nee"].mean()) == pytest.approx((61.15, -5.72), abs=0.01)
    assert set(catalog.pin("arctic_climatology").canonical) <= set(
        catalog.open("arctic_climatology")
    )
    assert list(catalog.open("barrow_co2_as_used"))[:3] == ["year", "month", "co2"]


def test_real_tables_open_through_intake(real_data):
    catalog = Catalog.load(CATALOG, real_data)
    assert len(catalog.open("flux_training_sites")) == 186


def test_results_of_the_authors_open_through_their_readers(real_data):
    catalog = Catalog.load(CATALOG, real_data)
    budgets = catalog.open("published_budgets_8km")
    late = budgets.query("flux == 'nee' and area == 'ABZ' and year >= 2001")
    assert late["tg"].mean() == pytest.approx(-258.6, abs=0.05)
    for name in PINNED[PINNED.index("published_budgets_8km") :]:
        assert set(catalog.pin(name).canonical) <= {*catalog.open(name)}, name
