"""Paths over foreign keys."""

from llm_tracing.qa.offline.ddl import read_schema
from llm_tracing.qa.offline.joins import JoinGraph

SHOP = """
CREATE TABLE maker (id INT PRIMARY KEY, name TEXT);
CREATE TABLE item (id INT PRIMARY KEY, name TEXT, maker_id INT REFERENCES maker (id));
CREATE TABLE buyer (id INT PRIMARY KEY, name TEXT, friend_id INT REFERENCES buyer (id));
CREATE TABLE receipt (id INT PRIMARY KEY, buyer_id INT REFERENCES buyer (id), day DATE);
CREATE TABLE receipt_line (
  id INT PRIMARY KEY, receipt_id INT REFERENCES receipt (id), item_id INT REFERENCES item (id)
);
CREATE TABLE island (id INT PRIMARY KEY);
"""


def graph() -> JoinGraph:
    return JoinGraph(read_schema(SHOP))


def test_the_path_between_two_tables_is_the_shortest() -> None:
    path = graph().path("maker", "buyer")
    assert path is not None
    assert [s.right for s in path] == ["item", "receipt_line", "receipt", "buyer"]
    assert [s.to_one for s in path] == [False, False, True, True]


def test_a_path_towards_parents_never_multiplies_rows() -> None:
    assert graph().path("maker", "item", to_one=True) is None
    assert graph().path("receipt_line", "maker", to_one=True) is not None


def test_tables_that_are_not_related_have_no_path() -> None:
    assert graph().path("maker", "island") is None


def test_a_table_leads_to_itself_without_walking_its_self_reference() -> None:
    assert graph().path("buyer", "buyer") == ()


def test_the_base_of_two_tables_holds_a_row_for_each_pair() -> None:
    assert graph().base_for({"maker", "buyer"}) == "receipt_line"
    assert graph().base_for({"maker", "item"}, "item") == "item"
    assert graph().base_for({"maker", "island"}) is None
