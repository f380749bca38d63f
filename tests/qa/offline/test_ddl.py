"""Schemas read out of prompts."""

from llm_tracing.qa.offline.ddl import dialect_of, has_schema, read_schema

WITH_SAMPLES = """You are a PostgreSQL expert. Only use the following tables:

CREATE TABLE "OrderLine" (
\t"OrderLineId" INTEGER NOT NULL,
\t"order" INTEGER,
\tnote TEXT DEFAULT 'a (b', -- free text, with a bracket )
\tprice NUMERIC(10, 2),
\tCONSTRAINT pk PRIMARY KEY ("OrderLineId"),
\tFOREIGN KEY("order") REFERENCES "Orders" ("OrderId")
)

/*
2 rows from OrderLine table:
OrderLineId\torder\tnote\tprice
1\t1\tfragile\t9.50
2\t1\tNone\t3.25
*/

CREATE TABLE "Orders" ("OrderId" SERIAL PRIMARY KEY, placed_at TIMESTAMP WITHOUT TIME ZONE, paid BOOLEAN);
"""


def test_tables_columns_keys_and_types_are_read() -> None:
    schema = read_schema(WITH_SAMPLES)
    assert schema.dialect == "postgres"
    assert list(schema.tables) == ["OrderLine", "Orders"]
    line = schema.tables["OrderLine"]
    assert [(c.name, c.kind, c.is_key) for c in line.columns] == [
        ("OrderLineId", "integer", True),
        ("order", "integer", True),
        ("note", "text", False),
        ("price", "number", False),
    ]
    assert line.primary_key == ("OrderLineId",)
    assert line.words == ("order", "line")
    [key] = schema.foreign_keys
    assert (key.table, key.columns, key.target, key.target_columns) == (
        "OrderLine",
        ("order",),
        "Orders",
        ("OrderId",),
    )
    assert [c.kind for c in schema.tables["Orders"].columns] == ["integer", "date", "boolean"]


def test_sample_rows_after_a_table_become_values_of_its_columns() -> None:
    note = read_schema(WITH_SAMPLES).tables["OrderLine"].column("note")
    assert note.samples == ("fragile", "None")


def test_a_reference_without_columns_means_the_primary_key() -> None:
    schema = read_schema("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (a_id INT REFERENCES a);")
    assert schema.foreign_keys[0].target_columns == ("id",)


def test_prefixes_and_shortened_words_are_spelled_out() -> None:
    schema = read_schema("CREATE TABLE tbl_cust (cust_id INT PRIMARY KEY, cust_nm TEXT, cntry TEXT, wgt_kg REAL)")
    table = schema.tables["tbl_cust"]
    assert table.words == ("customer",)
    assert [c.words for c in table.columns] == [("id",), ("name",), ("country",), ("weight", "kg")]
    assert [c.name for c in table.display] == ["cust_nm"]


def test_text_without_a_table_has_no_schema() -> None:
    assert not has_schema("please create a table of the results")
    assert read_schema("CREATE TABLE broken (").tables == {}


def test_a_statement_that_cannot_be_parsed_leaves_the_others() -> None:
    schema = read_schema("CREATE TABLE bad (id INT,, x);\nCREATE TABLE good (id INT PRIMARY KEY);")
    assert "good" in schema.tables


def test_many_unclosed_or_deeply_nested_statements_are_given_up() -> None:
    assert read_schema("CREATE TABLE a (" * 20_000).tables == {}
    assert read_schema(f"CREATE TABLE a (x INT CHECK {'(' * 5_000}1{')' * 5_000})").tables == {}


def test_the_dialect_is_the_one_that_the_prompt_names() -> None:
    assert dialect_of("You write PostgreSQL queries.") == "postgres"
    assert dialect_of("You write SQLite queries.") == "sqlite"
