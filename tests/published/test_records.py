"""Records: the file is whole, digits survive, and what is no record is refused."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.published import parse_records, published_numbers, published_record

words = st.text("abcxyz", min_size=1, max_size=6)
digits = st.decimals(-(10**6), 10**6, places=2).map(str)


def test_the_file_is_read_whole(repository):
    text = (repository / "abz/published/paper_numbers.yaml").read_text("utf-8")
    plain = yaml.safe_load(text)
    assert list(published_numbers()) == [row["id"] for row in plain]
    for row in plain:
        record = published_record(row["id"])
        assert record.source == row["src"]
        if isinstance(row.get("v"), int | float):
            assert record.value == row["v"]
        if isinstance(row.get("v"), list):
            found = [record.number(f"v.{end}").value for end in ("low", "high")]
            assert found == row["v"]


def test_no_record_of_the_study_is_lost(real_data, repository):
    spec = real_data.parent / "spec" / "paper_numbers.yaml"
    if not spec.is_file():
        pytest.skip("the list of published numbers is not at hand")
    ours = yaml.safe_load((repository / "abz/published/paper_numbers.yaml").read_text("utf-8"))
    assert all(record in ours for record in yaml.safe_load(spec.read_text("utf-8")))


def test_digits_and_words_stay_as_printed():
    record = published_record("cv_8km_qrf_NEE")
    assert (record.number("R2").text, record.number("R2").half_unit) == ("0.50", 0.005)
    assert published_record("harvest_sites").words == {"v": ">=5"}
    assert published_record("t1_abz").number("insitu.NEE.sd").value == 76.0
    assert published_record("nee_2020").years == "2020"
    assert published_record("cmip6_n").years == "2001–2014"


@given(st.dictionaries(words, digits, min_size=1, max_size=5))
def test_numbers_come_back(values):
    fields = "".join(f", {name}: {{x: [{text}, 1]}}" for name, text in values.items())
    record = parse_records(f"- {{id: one, src: P{fields}}}")["one"]
    assert {n: record.number(f"{n}.x.mean").text for n in values} == values


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {id: a, v: 1}", "not whole"),
        ("- {id: a, v: 1, src: P, note: [1, 2]}", "not whole"),
        ("- {id: a, src: P}", "no number"),
        ("- {id: a, sd: much, src: P}", "no number"),
        ("- {id: a, v: [1, 2, 3], src: P}", "neither number nor pair"),
        ("- {id: a, v: 1, v: 2, src: P}", "stands twice"),
        ("- {id: a, v: 1, src: P}\n- {id: a, v: 2, src: P}", "stands twice"),
        ("- {id: a b, v: 1, src: P}", "no name"),
        ("- {id: a, v: 1, src: P, period: 2020-2001}", "period"),
        ("- {id: a, v: 1, src: P, period: [2001, 2020]}", "period"),
        ("- 1", "no list of records"),
        ("a: 1", "no list of records"),
        ("- {id: a", "no YAML"),
    ],
)
def test_what_is_no_record_is_refused(text, problem):
    with pytest.raises(InputError, match=problem):
        parse_records(text)


def test_unknown_number_is_named():
    with pytest.raises(InputError, match="nothing_such"):
        published_record("nothing_such")
