import pytest

from abz.catalog.product import product_reader
from abz.errors import InputError


def test_the_reader_of_a_product_is_found(tiny_reader):
    assert product_reader("tiny")([]) == {}


def test_a_product_without_reader_says_what_to_do():
    with pytest.raises(InputError, match=r"Catalog\.files"):
        product_reader("snow_depth")
