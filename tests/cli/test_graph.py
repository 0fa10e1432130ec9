"""The drawn graph."""

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from abz.cli.graph import draw_graph, layers

names = st.sampled_from("abcdefg")
acyclic = st.sets(st.tuples(names, names).filter(lambda edge: edge[0] < edge[1]), min_size=1)


@given(acyclic)
def test_each_rule_stands_below_what_it_rests_on(edges):
    row = {name: r for r, names in enumerate(layers(sorted(edges))) for name in names}
    assert all(row[above] < row[below] for above, below in edges)


@given(acyclic)
def test_the_drawing_is_svg_with_a_box_a_rule_and_a_line_an_edge(edges):
    root = ElementTree.fromstring(draw_graph(sorted(edges)))
    tags = [element.tag.split("}")[1] for element in root]
    assert tags.count("rect") == len({name for edge in edges for name in edge})
    assert tags.count("path") == len(edges)
