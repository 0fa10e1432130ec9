"""Finding what a page would load from elsewhere."""

import pytest

from abz.report import remote_resources


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<script src="https://a.b/c.js"></script>', 1),
        ('<link rel="stylesheet" href="//a.b/c.css">', 1),
        ('<img alt="x" src=http://a.b/c.png>', 1),
        ('<a href="https://a.b">text</a>', 0),
        ('<link rel="canonical" href="https://a.b/">', 0),
        ('<script src="assets/c.js"></script>', 0),
    ],
)
def test_tags(tmp_path, html, count):
    (tmp_path / "p.html").write_text(html)
    assert len(remote_resources(tmp_path)) == count


def test_styles(tmp_path):
    (tmp_path / "s.css").write_text('@import url("https://a.b/f.css"); a{background:url(x.png)}')
    assert len(remote_resources(tmp_path)) == 1
