"""The Markdown extension of records: what it puts in, and what it refuses."""

import json
import shutil

import pytest
from markdown import Markdown

from abz.errors import InputError, MissingDataError
from abz.report.markdown import ReportExtension
from abz.report.records import MAKERS, RecordExtension, RecordFolder


@pytest.fixture(scope="module")
def folder(repository):
    return repository / "docs" / "records"


@pytest.fixture
def convert(folder, tiny, repository):
    run = ReportExtension(
        references=str(repository / "docs" / "references.yml"), run=str(tiny.layout.root)
    )
    return Markdown(extensions=["tables", RecordExtension(folder=str(folder)), run]).convert


def test_a_table_stands_alone_in_its_paragraph(convert, folder):
    html = convert("before\n\n{{ record:ranger_scores }}\n\nafter")
    table = RecordFolder(folder).table("ranger_scores")
    assert html.count("<table>") == 1
    assert table.caption in html
    for cell in table.shown.to_numpy().ravel():
        assert cell in html


def test_a_number_stands_in_a_line_beside_those_of_the_run(convert, folder):
    date = json.loads((folder / "ranger.json").read_text("utf-8"))["about"]["date"]
    html = convert("On {{ record:ranger_date }} and {{ run_name }}.")
    assert f">{date}</span>" in html
    assert "tiny</span>" in html


@pytest.mark.parametrize("text", ["{{ record:ranger_score }}", "on {{ record:ranger_dates }}."])
def test_unknown_names_stop_the_build(convert, text):
    with pytest.raises(InputError, match="did you mean ranger_"):
        convert(text)


def test_a_missing_record_is_named(tmp_path):
    with pytest.raises(MissingDataError, match="the record is not there"):
        RecordFolder(tmp_path).number("ranger_date")


def test_records_are_read_when_they_are_asked_for(tmp_path, folder):
    records = RecordFolder(tmp_path)
    for name in MAKERS:
        shutil.copy(folder / f"{name}.json", tmp_path)
    assert records.tables.keys() == RecordFolder(folder).tables.keys()


def test_every_record_has_makers(folder):
    assert {path.stem for path in folder.glob("*.json")} == set(MAKERS)
