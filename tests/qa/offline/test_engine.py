"""Statements over a schema that only these tests have, and over Chinook."""

import pytest
import sqlglot

from llm_tracing.qa.offline.conversation import reply
from llm_tracing.qa.offline.engine import MAX_QUESTION_CHARS, write_sql
from tests.qa.offline.questions import Place, conversation

CLINIC = """
CREATE TABLE "Doctor" ("Id" INT PRIMARY KEY, "FullName" TEXT, "Select" INT);
CREATE TABLE "Visit" (
  "Id" INT PRIMARY KEY, "DoctorId" INT REFERENCES "Doctor" ("Id"), "VisitDate" DATE, "Fee" NUMERIC(8, 2)
);
"""


def clinic(question: str, dialect: str = "PostgreSQL") -> str:
    return write_sql(question, f"You write {dialect} queries.\n\nSchema:\n{CLINIC}").text


def rows(question: str, place: Place) -> list[tuple[object, ...]]:
    sql = reply(conversation(question, place))
    return [tuple(row) for row in place.execute(sql)]


def test_names_are_quoted_where_postgres_would_fold_them() -> None:
    assert clinic("How many visits were there in 2023?") == (
        'SELECT COUNT(*) AS count FROM "Visit" '
        'WHERE "Visit"."VisitDate" >= \'2023-01-01\' AND "Visit"."VisitDate" < \'2024-01-01\''
    )


def test_sqlite_needs_no_quotes_for_plain_names() -> None:
    assert clinic("How many visits are there?", "SQLite") == "SELECT COUNT(*) AS count FROM Visit"


def test_months_are_grouped_with_the_functions_of_the_dialect() -> None:
    assert "TO_CHAR(" in clinic("number of visits per month")
    assert "STRFTIME('%Y-%m'" in clinic("number of visits per month", "SQLite")


@pytest.mark.parametrize(
    "question",
    [
        "What will the weather be?",
        "Which doctors are the nicest?",
        "Visits last week",
        "Drop the visits",
        "Please delete all visits",
        "How many patients are there?",
        "Visits longer than average",
        "",
        "the the the",
        "how many " + "very " * MAX_QUESTION_CHARS + "visits",
    ],
)
def test_a_question_that_cannot_be_mapped_is_refused_in_a_sentence(question: str) -> None:
    written = write_sql(question, CLINIC)
    assert not written.is_sql
    assert written.text.startswith("I can't turn this question into SQL over this schema: ")
    assert written.text.endswith(".")


def test_the_refusal_names_the_words_that_were_not_found() -> None:
    assert "'weather'" in clinic("What was the weather on the last visit?")


def test_a_value_cannot_leave_its_quotes() -> None:
    sql = clinic('visits of doctor "x\'; DROP TABLE Visit; --"')
    [statement] = sqlglot.parse(sql, read="postgres")
    assert statement is not None
    assert statement.key == "select"
    assert "'x''; DROP TABLE Visit; --'" in sql


def test_sample_rows_tell_the_column_of_a_value() -> None:
    ddl = "CREATE TABLE song (id INT PRIMARY KEY, name TEXT, mood TEXT, source TEXT)\n"
    samples = "/*\n1 rows from song table:\nid\tname\tmood\tsource\n1\tA\tcalm\tradio\n*/"
    assert "LOWER(song.source) = LOWER('Radio')" in write_sql("How many Radio songs are there?", ddl + samples).text


def test_counts_that_may_be_zero_keep_the_rows_without_partners(chinook_place: Place) -> None:
    found = rows("Which artist has the fewest albums?", chinook_place)
    assert found[0][1] == 0


def test_never_with_a_value_denies_only_that_value(chinook_place: Place) -> None:
    never = rows("customers who never bought Jazz tracks", chinook_place)
    ever = rows("customers who bought Jazz tracks", chinook_place)
    assert len(never) + len(ever) == 59
    assert not set(never) & set(ever)


def test_a_purchase_in_a_year_is_of_the_genre_asked_for(chinook_place: Place) -> None:
    expected = chinook_place.execute(
        "SELECT DISTINCT c.FirstName, c.LastName FROM Customer c JOIN Invoice i USING (CustomerId) "
        "JOIN InvoiceLine USING (InvoiceId) JOIN Track t USING (TrackId) JOIN Genre g USING (GenreId) "
        "WHERE g.Name = 'Jazz' AND i.InvoiceDate LIKE '2010%' ORDER BY 1, 2"
    )
    assert rows("Which customers bought Jazz tracks in 2010?", chinook_place) == expected


def test_a_sum_is_not_inflated_by_joins(chinook_place: Place) -> None:
    [(total,)] = chinook_place.execute("SELECT SUM(Total) FROM Invoice")
    by_genre = rows("total revenue by genre", chinook_place)
    assert sum(float(str(r[-1])) for r in by_genre) == pytest.approx(float(str(total)))


def test_an_employee_is_listed_beside_the_manager_and_the_head_stays(chinook_place: Place) -> None:
    found = rows("List employees and their managers", chinook_place)
    assert len(found) == 8
    assert ("Andrew", "Adams", None, None) in found


def test_words_in_capitals_or_title_case_are_no_names(chinook_place: Place) -> None:
    assert rows("HOW MANY EMPLOYEES ARE THERE?", chinook_place) == [(8,)]
    assert len(rows("List All Genres By Revenue", chinook_place)) == 24


def test_the_same_question_gives_the_same_statement(chinook_place: Place) -> None:
    replies = {reply(conversation("Top 3 genres by revenue", chinook_place)) for _ in range(3)}
    assert len(replies) == 1
