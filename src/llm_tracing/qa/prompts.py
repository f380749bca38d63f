"""What is sent to the model: two steps, and the message that tells it of a problem."""

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

# SQLAlchemy's dialect name -> the name that people, and models, know.
DIALECT_NAMES = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "mssql": "SQL Server",
    "oracle": "Oracle",
}

WRITE_SQL = ChatPromptTemplate.from_messages(
    [
        (
            "system",
            "You write {dialect} queries. Reply with one read-only SELECT statement and nothing else. "
            "If the question cannot be answered from this schema, reply with one sentence that says why."
            "\n\nSchema:\n{ddl}",
        ),
        ("user", "{question}"),
        MessagesPlaceholder("retry", optional=True),
    ]
)

WORD_ANSWER = ChatPromptTemplate.from_messages(
    [
        (
            "system",
            "You answer questions about a database from the result of a query. Use only the result. "
            "If the result is empty, say so.",
        ),
        ("user", "Question: {question}\n\nSQL query:\n{sql}\n\nResult (JSON, {count}):\n{result}"),
    ]
)


def retry_messages(reply: str, told: str, problem: str) -> list[BaseMessage]:
    """The model's first reply and what became of it; `told` is `was refused` or `failed`."""
    return [
        AIMessage(reply or "(empty)"),
        HumanMessage(f"The statement {told}: {problem} Write another one."),
    ]


def count_words(rows: int, truncated: bool) -> str:
    return f"{rows} rows, truncated" if truncated else f"{rows} rows"
