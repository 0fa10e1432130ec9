"""Months of any calendar, by their dates or by their bounds."""

import cftime
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, MissingDataError
from abz.readers.calendars import (
    DATES,
    check_no_gap,
    check_year,
    longest_stretch,
    months_of,
    open_dated,
)

CALENDARS = ["standard", "proleptic_gregorian", "noleap", "360_day", "julian", "all_leap"]


def decoded(days, units, calendar, bounds=None):
    """A time axis as a file stores it, decoded as the readers do."""
    attrs = {"units": units, "calendar": calendar}
    if bounds is None:
        return xr.decode_cf(xr.Dataset({"time": ("time", days, attrs)}), decode_times=DATES)
    file = xr.Dataset(
        {"time": ("time", days, {**attrs, "bounds": "b"}), "b": (("time", "n"), bounds)}
    )
    return xr.decode_cf(file, decode_times=DATES)


@given(
    calendar=st.sampled_from(CALENDARS),
    year=st.integers(1850, 2100),
    first=st.integers(1, 12),
    count=st.integers(1, 30),
    place=st.sampled_from(["start", "middle", "end"]),
)
def test_months_are_those_of_the_calendar(calendar, year, first, count, place):
    months = [(year + (first - 1 + n) // 12, (first - 1 + n) % 12 + 1) for n in range(count + 1)]
    edges = [cftime.datetime(y, m, 1, calendar=calendar) for y, m in months]
    units = "days since 1850-01-01"
    numbers = cftime.date2num(edges, units, calendar).astype(float)
    shown = {
        "start": numbers[:-1],
        "middle": (numbers[:-1] + numbers[1:]) / 2,
        "end": numbers[1:],  # only the bounds tell the month
    }[place]
    bounds = np.stack([numbers[:-1], numbers[1:]], axis=1)
    found = months_of(decoded(shown, units, calendar, bounds), "time", "a")
    expected = [np.datetime64(f"{y:04d}-{m:02d}", "ns") for y, m in months[:-1]]
    assert found.starts.tolist() == np.array(expected).tolist()
    assert found.days.tolist() == np.diff(numbers).tolist()
    assert found.calendar == calendar
    if place != "end":
        again = months_of(decoded(shown, units, calendar), "time", "a")
        assert again.starts.tolist() == found.starts.tolist()


@pytest.mark.parametrize(
    ("calendar", "days"), [("360_day", 360), ("noleap", 365), ("standard", 366)]
)
def test_a_year_has_the_days_of_its_calendar(calendar, days):
    file = decoded(np.array([14.0]), "days since 2004-01-01", calendar)
    assert months_of(file, "time", "a").year_days.tolist() == [days]


def test_an_axis_without_dates_is_refused():
    with pytest.raises(InputError, match=r"a has no dates"):
        months_of(xr.Dataset(coords={"time": [1.0, 2.0]}), "time", "a")


def test_years_and_days_are_no_months():
    bounds = np.array([[0.0, 365.0]])
    file = decoded(np.array([180.0]), "days since 2001-01-01", "noleap", bounds)
    with pytest.raises(InputError, match=r"(?s)a is not monthly.*365 to 365 days"):
        months_of(file, "time", "a")


def test_control_runs_cannot_be_dated():
    with pytest.raises(InputError, match="cannot be dated"):
        months_of(decoded(np.array([15.0]), "days since 0001-01-01", "noleap"), "time", "a")


def months(*texts):
    return np.array(texts, "datetime64[M]").astype("datetime64[ns]")


def test_gaps_are_named_and_whole_years_may_be_absent():
    check_no_gap(months("2001-11", "2001-12", "2004-01"), "a")
    with pytest.raises(MissingDataError, match=r"missing 2001-12, 2002-01\n"):
        check_no_gap(months("2002-02", "2001-11"), "a")


def test_a_year_is_whole_and_its_own():
    whole = np.arange("2001-01", "2002-01", dtype="datetime64[M]")
    check_year(whole, 2001, "a", whole=True)
    check_year(whole[:3], 2001, "a")
    with pytest.raises(MissingDataError, match="missing 2001-05"):
        check_year(np.delete(whole, 4), 2001, "a", whole=True)
    with pytest.raises(InputError, match=r"(?s)of 2002.*2001-01"):
        check_year(whole, 2002, "a")


def test_files_that_cannot_be_dated_or_opened(tmp_path):
    path = tmp_path / "a.nc"
    time = {"time": ("time", [1.0, 2.0], {"units": "months since 1990-01-01"})}
    xr.Dataset(coords=time).to_netcdf(path)
    with pytest.raises(InputError, match=r"a\.nc has no dates"), open_dated(path):
        pass
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=r"a\.nc cannot be opened"), open_dated(path):
        pass
    with pytest.raises(MissingDataError, match="not there"), open_dated(tmp_path / "b.nc"):
        pass


@given(held=st.sets(st.integers(2001, 2030)))
def test_the_longest_stretch_is_whole_and_none_is_longer(held):
    found = longest_stretch(sorted(held))
    assert set(found) <= held
    stretches = [range(a, b + 1) for a in held for b in held if set(range(a, b + 1)) <= held]
    most = max(map(len, stretches), default=0)
    assert len(found) == most
    assert found.start == min((s.start for s in stretches if len(s) == most), default=0)
