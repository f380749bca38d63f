"""The reference service's two calls without LangChain: LangSmith's `@traceable` around the wrapped `openai` client."""

import json
from typing import Any

from langchain_core.messages import convert_to_openai_messages
from langchain_core.prompts import ChatPromptTemplate
from langsmith import traceable
from langsmith.wrappers import wrap_openai
from openai import OpenAI

from llm_tracing.qa.database import open_database
from llm_tracing.qa.guard import Statement, read_reply
from llm_tracing.qa.model import OFFLINE_MODEL
from llm_tracing.qa.prompts import DIALECT_NAMES, WORD_ANSWER, WRITE_SQL, count_words
from llm_tracing.qa.settings import load_settings
from llm_tracing.readonly.database import Rows
from llm_tracing.readonly.guard import check_statement


def ask(question: str, model_url: str) -> dict[str, object]:
    client: OpenAI = wrap_openai(OpenAI(base_url=model_url, api_key="none"))
    database = open_database(load_settings())

    @traceable(name="run SQL", run_type="tool")
    def run_sql(query: str) -> Rows:
        check_statement(query, database.dialect)
        return database.run(query)

    @traceable(name="answer question")
    def answer_question(question: str) -> dict[str, object]:
        schema = {"dialect": DIALECT_NAMES[database.dialect], "ddl": database.schema_text()}
        reply = read_reply(_call(client, WRITE_SQL, **schema, question=question))
        assert isinstance(reply, Statement)
        found = run_sql(reply.sql)
        count = count_words(len(found.rows), found.truncated)
        result = json.dumps({"columns": found.columns, "rows": found.rows}, ensure_ascii=False)
        text = _call(client, WORD_ANSWER, question=question, sql=reply.sql, count=count, result=result)
        return {"answer": text.strip(), "sql": reply.sql}

    try:
        return answer_question(question)
    finally:
        database.close()


def _call(client: OpenAI, prompt: ChatPromptTemplate, **given: str) -> str:
    messages: Any = convert_to_openai_messages(prompt.format_messages(**given))
    said = client.chat.completions.create(model=OFFLINE_MODEL, messages=messages, temperature=0)
    return said.choices[0].message.content or ""
