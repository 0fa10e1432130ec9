"""The Markdown extension: what it puts in, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from abz.errors import InputError, MissingDataError
from abz.report.markdown import ReportExtension, holds


@pytest.fixture
def convert(tiny, repository):
    extension = ReportExtension(
        references=str(repository / "docs" / "references.yml"), run=str(tiny.layout.root)
    )
    return Markdown(extensions=["tables", "fenced_code", extension]).convert


def test_number_with_its_origin(convert):
    html = convert("NEE is {{ fine_abz_nee_budget }}.")
    assert "−548\xa0±\xa0140" in html
    assert 'class="abz-number abz-synthetic"' in html
    assert "abz.budgets.table1 of budgets/table1.parquet" in html


def test_published_number_is_not_marked_synthetic(convert):
    assert "abz-synthetic" not in convert("{{ published_abz_nee_budget }}")


def test_table_figure_reference_list_and_citation(convert):
    assert "<table>" in convert("{{ table:scores }}")
    html = convert("{{ figure:nee_map_fine | Mean **NEE** in {{ run_name }}. }}")
    assert 'src="abz-download:figures/nee_map_fine.png"' in html
    assert "<strong>NEE</strong>" in html
    assert "tiny</span>" in html
    assert 'id="ref-virkkala2025"' in convert("{{ references }}")
    html = convert("as in [@virkkala2025; @breiman2001].")
    assert 'href="abz-reference:#ref-breiman2001"' in html


def test_citations_in_docstrings_become_a_list(convert):
    html = convert("A slope [1]_.\n\n.. [1] Sen (1968),\n   JASA.\n")
    assert "<sup>[1]</sup>" in html
    assert "<ol>" in html


@pytest.mark.parametrize(
    "text",
    [
        "{{ fine_abz_nee_budgets }}", "{{ table:score }}", "{{ figure:nee_map | x }}",
        "[@virkala2025]", "in a line {{ table:scores }}", "<!-- when fine -->\nopen",
    ],
)  # fmt: skip
def test_unknown_names_stop_the_build(convert, text):
    with pytest.raises(InputError):
        convert(text)


def test_the_message_proposes_the_nearest_name(convert):
    with pytest.raises(InputError, match="fine_abz_nee_budget"):
        convert("{{ fine_abz_nee_budgets }}")


def test_code_is_left_alone(convert):
    assert "{{ anything }}" in convert("`{{ anything }}`")
    assert "{{ anything }}" in convert("```\n{{ anything }}\n```")


def test_conditions(convert):
    text = "<!-- when climatology -->\n{{ no_such }}\n<!-- end -->\n"
    text += "<!-- when fine -->\nyes\n<!-- end -->"
    assert convert(text).strip() == "<p>yes</p>"
    assert "figure" not in convert("<!-- when figure:none -->\n{{ figure:none | x }}\n<!-- end -->")


@given(st.sets(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd"), min_size=1))
def test_holds_is_conjunction(words, asked):
    assert holds(" and ".join(asked), frozenset(words)) == all(word in words for word in asked)
    assert holds(f"not {asked[0]}", frozenset(words)) == (asked[0] not in words)


def test_a_run_without_results_is_named(repository, tmp_path):
    extension = ReportExtension(
        references=str(repository / "docs" / "references.yml"), run=str(tmp_path)
    )
    with pytest.raises(MissingDataError, match="abz report"):
        Markdown(extensions=[extension]).convert("{{ a }}")
