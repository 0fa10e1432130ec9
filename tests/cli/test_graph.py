"""The drawn graph."""

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from abz.cli.graph import draw_graph, layers, reduced, write_graph

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


def below(edges, name):
    """All that rests on a rule."""
    direct = {b for a, b in edges if a == name}
    return direct.union(*(below(edges, other) for other in direct))


@given(acyclic)
def test_the_reduced_graph_says_the_same_with_no_edge_to_spare(edges):
    few = reduced(sorted(edges))
    assert all(below(few, name) == below(edges, name) for name in "abcdefg")
    for edge in few:
        others = [other for other in few if other != edge]
        assert edge[1] not in below(others, edge[0])


def test_the_graph_is_drawn_anew_for_another_shape(tmp_path):
    asked = tmp_path / "asked"
    command = ["sh", "-c", f"echo x >>{asked}; echo 'id0[sites]\nid1[fit]\nid0 --> id1'", "sh"]
    for shape in ("study", "study", "climatology"):
        write_graph(command, tmp_path / "dag.svg", {"PATH": "/usr/bin:/bin"}, shape)
    assert asked.read_text().count("x") == 2
