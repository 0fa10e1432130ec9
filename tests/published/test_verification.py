"""Every published number has a claim and a verdict, and a wrong digit is found."""

from dataclasses import replace
from importlib import import_module
from types import MappingProxyType

import pytest

from abz.published import (
    CONTRADICTIONS,
    Rounded,
    all_checks,
    contradictions,
    paper,
    paper_claims,
    published_numbers,
    unexpected,
    verification,
    verification_table,
    verify_paper,
)
from abz.published.claims.claim import COARSE, FINE, INVERSIONS

RECORDS = published_numbers()
NUMBERS = [(name, field) for name, record in RECORDS.items() for field in record.numbers]

REAL = {
    "run_data": "real", "run_kind": "study", "run_engine": "random_forest",
    "run_fine_cell_km": 0.99997108, "run_coarse_cell_km": 7.995296,
}  # fmt: skip


def run_of(values, period="", **changes):
    """numbers.json of a run on the study's data."""
    plain = {**REAL, **changes, **values}
    return {key: {"value": value, "period": period} for key, value in plain.items()}


def perfect(name, field, **changes):
    """A run that has just the printed number in one place."""
    claim = paper_claims()[name][1]
    made = claim.made[field]
    value = RECORDS[name].number(field).value
    values = dict.fromkeys(made.keys, value)
    if made.function.endswith("share_of"):
        values = dict(zip(made.keys, (value, 100.0), strict=True))
    engine = {"run_engine": claim.need.engine} if claim.need.engine else {}
    return run_of(values, **{**engine, **claim.need.counts, **changes})


def verdict(name, field, numbers):
    return next(r for r in verify_paper(numbers) if (r.record, r.field) == (name, field))


def others(text):
    """Three wrong digits for each place of a printed number."""
    for place, char in enumerate(text):
        if char.isdigit():
            for step in (1, 5, 9):
                yield text[:place] + str((int(char) + step) % 10) + text[place + 1 :]


def with_digits(patch, name, field, text):
    """The records with other digits in one place, wherever they are read."""
    record = RECORDS[name]
    numbers = MappingProxyType({**record.numbers, field: Rounded.of(text)})
    altered = {**RECORDS, name: replace(record, numbers=numbers)}
    for module in (paper, verification, contradictions):
        patch.setattr(module, "published_numbers", lambda: altered)


MADE = [(name, field) for name, field in NUMBERS if field in paper_claims()[name][1].made]
BOUND = {
    (row.record, row.field)
    for row in verify_paper()
    if row.in_print not in ("stands alone", "within bounds") and (row.record, row.field) in NUMBERS
}


def test_every_record_has_a_claim_and_every_claim_a_record():
    assert set(paper_claims()) == set(RECORDS)
    for name, (_, claim) in paper_claims().items():
        known = {*RECORDS[name].numbers, *RECORDS[name].words, "p"}
        assert set(claim.made) <= known, name


def test_every_row_has_a_verdict_and_every_place_one_row():
    table = verification_table(verify_paper())
    assert not table.duplicated(["record", "field"]).any()
    assert table["in_print"].all() and table["in_run"].all() and table["status"].all()
    assert set(map(tuple, table[["record", "field"]].to_numpy())) >= set(NUMBERS)


def test_functions_exist():
    for dotted in {row.function for row in verify_paper()} - {""}:
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(import_module(module), name)), dotted


@pytest.mark.parametrize(("name", "field"), MADE)
def test_a_wrong_digit_in_a_reproduced_number_is_found(name, field):
    numbers = perfect(name, field)
    assert verdict(name, field, numbers).in_run == "reproduced"
    text = RECORDS[name].number(field).text
    for other in list(others(text))[:: max(1, len(text) - 2)]:
        with pytest.MonkeyPatch.context() as patch:
            with_digits(patch, name, field, other)
            assert verdict(name, field, numbers).in_run in ("near", "differs"), other


def reach(check):
    """How far a number may move unnoticed, relative to what the check computes or by itself."""
    width = (check.computed.high - check.computed.low) + (check.expected.high - check.expected.low)
    return width if check.function in ("sum_of_parts", "min", "max") else width / abs(
        check.expected.value
    )  # fmt: skip


def unnoticed(name, field, other):
    """Whether a wrong digit lies within the rounding of every check that fixes the number."""
    place, value = f"{name}.{field}", RECORDS[name].number(field).value
    step = abs(float(other) - value)
    for check in all_checks():
        fixes = check.function not in ("implied_correlation", "release_outside_summer")
        if not (fixes and check.agrees and place in (*check.inputs, check.against)):
            continue
        absolute = check.function in ("sum_of_parts", "min", "max") or not check.inputs
        if step > (1 if absolute else 1.2 * abs(value)) * reach(check):
            if check.function in ("min", "max") and place in check.inputs:
                rises = float(other) > value
                if rises == (check.function == "min"):
                    continue
            return False
    return True


@pytest.mark.parametrize("name", sorted({name for name, _ in BOUND}))
def test_a_wrong_digit_in_a_bound_number_is_found_beyond_rounding(name):
    for field in sorted(field for other, field in BOUND if other == name):
        for other in others(RECORDS[name].number(field).text):
            with pytest.MonkeyPatch.context() as patch:
                with_digits(patch, name, field, other)
                found = bool(unexpected(all_checks()))
            assert found or unnoticed(name, field, other), (field, other)


def test_first_digits_of_bound_numbers_count():
    missed = set()
    for name, field in BOUND:
        text = RECORDS[name].number(field).text
        place = next(i for i, char in enumerate(text) if char in "123456789")
        other = text[:place] + str((int(text[place]) + 4) % 9 + 1) + text[place + 1 :]
        with pytest.MonkeyPatch.context() as patch:
            with_digits(patch, name, field, other)
            if not unexpected(all_checks()):
                missed.add((name, field, other))
    assert missed == set()


ALONE = {
    "earlier_models_range", "fire_sites", "lake_river_flux", "obs_2015_2020", "ph_depth",
    "prior_natali_r2", "prior_virkkala_r2", "sample_factor", "sink_misfit", "soc_depth",
    "soil_depth_layer", "source_misfit", "ysf_range",
}  # fmt: skip
"""Records with a number that neither another one nor a run of abz can find wrong."""


def test_numbers_that_nothing_binds_are_listed():
    rows = verify_paper()
    bare = {
        row.record
        for row in rows
        if row.in_print == "stands alone" and not row.inputs and (row.record, row.field) in NUMBERS
    }
    assert bare == ALONE


def test_a_synthetic_run_is_never_compared():
    row = verdict("fire_siberia", "v", perfect("fire_siberia", "v", run_data="synthetic"))
    assert (row.in_run, row.value) == ("synthetic run: not compared", 160)
    every = run_of({key: 1.0 for _, c in paper_claims().values() for m in c.made.values()
                    for key in m.keys}, run_data="synthetic")  # fmt: skip
    verdicts = {row.in_run.partition(":")[0] for row in verify_paper(every)}
    assert verdicts <= {"synthetic run", "needs data", "not made by abz"}


@pytest.mark.parametrize(
    "change",
    [{"run_kind": "climatology"}, {"run_fine_cell_km": 25.0}, {"run_engine": "extra_trees"}],
)
def test_another_model_or_resolution_is_no_reproduction(change):
    numbers = perfect("abz_nee_budget", "v", **change)
    row = verdict("abz_nee_budget", "v", numbers)
    assert row.in_run == f"needs data: {FINE.words}"
    assert row.value == -548


def test_other_inversions_are_no_reproduction():
    name = "product_gcb2022_inversions_members"
    row = verdict("inv_spatial_r", "v", perfect("inv_spatial_r", "v", **{name: 3}))
    assert row.in_run == f"needs data: {INVERSIONS.words}"
    assert verdict("inv_spatial_r", "v", perfect("inv_spatial_r", "v")).in_run == "reproduced"


def test_the_factor_is_the_range_of_two_products():
    keys = ("product_gcb2022_inversions_factor", "product_fluxcom_x_base_factor")
    numbers = run_of(dict(zip(keys, (2.95, 1.46), strict=True)), **INVERSIONS.counts)
    found = {end: verdict("inv_fluxcom_factor", f"v.{end}", numbers) for end in ("low", "high")}
    assert [found[end].value for end in ("low", "high")] == [1.46, 2.95]
    assert found["low"].in_run == "reproduced" and found["high"].in_run == "reproduced"


def test_published_maps_count_as_the_study_whoever_adds_them_up():
    numbers = perfect("abz_nee_budget", "v", run_kind="published_maps", run_engine="none")
    assert verdict("abz_nee_budget", "v", numbers).in_run == "reproduced"
    numbers["fine_abz_nee_budget"]["value"] = -600.0
    assert verdict("abz_nee_budget", "v", numbers).in_run == "differs"
    numbers = perfect("abz_nee_budget", "v", run_kind="published_maps", run_fine_cell_km=25.0)
    assert verdict("abz_nee_budget", "v", numbers).in_run == f"needs data: {FINE.words}"


def test_other_years_are_no_reproduction():
    numbers = perfect("abz_nee_budget", "v")
    numbers["fine_abz_nee_budget"]["period"] = "2001–2016"
    found = verdict("abz_nee_budget", "v", numbers).in_run
    assert found == "needs data: 2001–2020; the run has 2001–2016"


def test_scores_at_8_km_are_those_of_quantile_forests():
    numbers = perfect("cv_8km_qrf_NEE", "R2", run_engine="random_forest")
    assert verdict("cv_8km_qrf_NEE", "R2", numbers).in_run == f"needs data: {COARSE.words}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-548.4, "reproduced"), (-549.0, "near"), (-575.0, "near"), (-576.0, "differs"),
     (548.0, "differs")],
)  # fmt: skip
def test_tolerances(value, expected):
    numbers = run_of({"fine_abz_nee_budget": value}, period="2001–2020")
    assert verdict("abz_nee_budget", "v", numbers).in_run == expected


@pytest.mark.parametrize(("p", "expected"), [(0.0004, "reproduced"), (0.02, "differs")])
def test_a_p_is_held_against_its_inequality(p, expected):
    numbers = run_of({"fine_abz_nee_trend_p": p}, period="2001–2020")
    assert verdict("abz_nee_trend", "p", numbers).in_run == expected


def test_known_contradictions_are_explained_in_a_line_each():
    assert unexpected(all_checks()) == []
    places = {place for known in CONTRADICTIONS for place in known.places}
    contradicted = {
        f"{row.record}.{row.field}" for row in verify_paper() if row.status == "contradicted"
    }
    assert contradicted == places
    assert all(len(known.explanation) < 300 for known in CONTRADICTIONS)


def test_a_healed_contradiction_is_reported():
    with pytest.MonkeyPatch.context() as patch:
        with_digits(patch, "source_sites_preprint", "v", "29")
        assert any("holds, though" in sentence for sentence in unexpected(all_checks()))


def test_an_unknown_contradiction_is_reported_where_it_is():
    with pytest.MonkeyPatch.context() as patch:
        with_digits(patch, "tundra_budget", "v", "46")
        row = verdict("tundra_budget", "v", None)
    assert row.status == "contradicted" and "text = Table 1" in row.through
