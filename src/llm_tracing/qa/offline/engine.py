"""Question and schema in, one SELECT or one plain sentence out. Pure: no input or output, no clock, no state."""

from dataclasses import dataclass

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.errors import CannotPlanError
from llm_tracing.qa.offline.frame import read_frame
from llm_tracing.qa.offline.linking import SchemaIndex, index_of, link
from llm_tracing.qa.offline.plan import plan

MAX_QUESTION_CHARS = 1_000
_PREFACE = "I can't turn this question into SQL over this schema: "


@dataclass(frozen=True, slots=True)
class Written:
    """What the write step gives: a statement, or the sentence that says why there is none."""

    text: str
    is_sql: bool


def write_sql(question: str, prompt: str, *, refused: tuple[str, ...] = (), reason: str = "") -> Written:
    """Write the statement for a question over the schema in the prompt.

    `refused` are statements that were tried and failed for `reason`: another way to write it is given, if there is one.
    """
    index = index_of(prompt)
    if not index.schema.tables:
        return Written(_PREFACE + "I found no table in the schema I was given.", False)
    try:
        for portable in (False, True):
            statement = _statement(question, index, portable)
            if statement not in refused:
                return Written(statement, True)
        said = f" ({reason.strip()})" if reason.strip() else ""
        return Written(f"The statement failed{said} and I know no other way to write it.", False)
    except CannotPlanError as error:
        return Written(_PREFACE + _sentence(str(error)), False)


def _statement(question: str, index: SchemaIndex, portable: bool) -> str:
    lower = question.lower()
    words = lower.split()
    if not words:
        raise CannotPlanError("the question is empty.")
    if len(question) > MAX_QUESTION_CHARS:
        raise CannotPlanError(f"it is longer than {MAX_QUESTION_CHARS} characters.")
    if words[0] in lexicon.WRITE_VERBS or (words[0] == "please" and words[1:2] and words[1] in lexicon.WRITE_VERBS):
        raise CannotPlanError(f"it asks to change data ('{words[0]}'), and I only write statements that read.")
    linked = link(question, index)
    if linked.unknown:
        listed = ", ".join(f"'{word}'" for word in dict.fromkeys(linked.unknown))
        raise CannotPlanError(f"I found no table or column for {listed}.")
    if relative := lexicon.RELATIVE_TIMES.search(lower):
        raise CannotPlanError(f"I don't know today's date, so I can't tell what '{relative.group()}' means.")
    if not linked.items:
        raise CannotPlanError("I found nothing in it that the schema names.")
    try:
        select = plan(read_frame(linked), index, portable=portable)
    except LookupError as error:
        raise CannotPlanError(str(error.args[0]) + ".") from error
    return select.sql(dialect=index.schema.dialect)


def _sentence(reason: str) -> str:
    return reason if reason.endswith(".") else reason + "."
