"""The site: pages that fit the run, no network, every placeholder filled."""

import re

import pytest

from abz.cli.stages import site
from abz.report import remote_resources
from abz.report.site import api_pages, kept_navigation


@pytest.fixture(scope="module")
def built(tiny):
    site.run(tiny.config, tiny.layout)
    return tiny.layout.site


def test_it_builds_strictly_and_loads_nothing_from_elsewhere(built):
    assert (built / "index.html").is_file()
    assert remote_resources(built) == []


def test_nothing_is_left_to_fill_in(built):
    for path in built.rglob("*.html"):
        text = re.sub(r"<(code|pre)\b.*?</\1>", "", path.read_text(), flags=re.S)
        assert "{{" not in text, path
        assert not re.search(r'"abz-(reference|download):', text), path


def test_links_to_files_of_the_run_lead_somewhere(built):
    page = (built / "index.html").read_text()
    for target in re.findall(r'(?:href|src)="(assets/run/[^"#]+)"', page):
        assert (built / target).is_file(), target


RECORDED = ("results/ranger.html", "methods/encoding.html", "methods/trend-tests.html")
SIMULATED = ("methods/trend-tests.html",)


def test_a_synthetic_site_says_so_on_every_page_that_shows_the_run(built):
    for path in built.rglob("*.html"):
        page = path.relative_to(built).as_posix()
        recorded, simulated = page in RECORDED, page in SIMULATED
        text = path.read_text()
        assert ("Synthetic data." in text) != recorded, path
        assert ("<strong>Real data.</strong>" in text) == (recorded and not simulated), path
        assert ("<strong>Recorded.</strong>" in text) == simulated, path


def test_pages_that_show_records_are_known(repository):
    docs = repository / "docs"
    shown = {
        path.relative_to(docs).with_suffix(".html").as_posix()
        for path in docs.rglob("*.md") if "{{ record:" in path.read_text("utf-8")
    }  # fmt: skip
    assert shown == set(RECORDED)


def test_no_page_shows_a_number_that_is_none(built):
    for path in built.rglob("*.html"):
        text = re.sub(r"<(code|pre|script|style)\b.*?</\1>", "", path.read_text(), flags=re.S)
        assert not re.search(r">\s*[-−]?(nan|inf|None)\s*<", text), path
        if "api" not in path.parts:
            assert not re.search(r"\bnan\b", re.sub(r"<[^>]*>", " ", text)), path


def test_pages_without_data_are_gone(built):
    assert not (built / "results" / "climatology.html").exists()
    assert (built / "results" / "truth.html").is_file()


def test_a_climatology_has_its_own_page_and_calls_nothing_synthetic(climatology):
    site.run(climatology.config, climatology.layout)
    pages = {path.name for path in (climatology.layout.site / "results").glob("*.html")}
    assert pages == {
        "authors.html", "climatology.html", "drivers.html", "paper.html", "ranger.html",
        "skill.html",
    }  # fmt: skip
    assert remote_resources(climatology.layout.site) == []
    for path in climatology.layout.site.rglob("*.html"):
        assert "Synthetic data." not in path.read_text(), path
    text = (climatology.layout.site / "results" / "climatology.html").read_text()
    assert "compound topographic index" in text
    assert "nee_map_climatology.png" in text
    text = (climatology.layout.site / "results" / "authors.html").read_text()
    assert "authors_ranks.png" in text
    assert "Minus NBP is no NEE" in text


def test_navigation_follows_the_run(repository):
    docs = repository / "docs"
    items = [{"Results": [{"Fire": "results/fire.md"}]}, {"Home": "index.md"}]
    assert kept_navigation(items, docs, frozenset()) == [{"Home": "index.md"}]
    assert kept_navigation(items, docs, frozenset({"fire"})) == items


def test_every_room_has_an_api_page(repository):
    rooms = {p.parent.name for p in (repository / "abz").glob("*/__init__.py") if p.stat().st_size}
    assert {f"api/{room}.md" for room in rooms} <= set(api_pages())


def test_rooms_inside_a_room_are_on_its_page():
    rooms = ("abz.compare", "abz.compare.authors", "abz.compare.products")
    assert api_pages()["api/compare.md"][1] == rooms


def test_every_module_outside_the_rooms_is_on_the_core_page(repository):
    modules = {f"abz.{path.stem}" for path in (repository / "abz").glob("[!_]*.py")}
    assert set(api_pages()["api/core.md"][1]) == modules


def test_no_api_page_is_empty(built):
    for name in api_pages():
        text = (built / name).with_suffix(".html").read_text()
        assert re.search("doc-(function|class|attribute)", text), name
