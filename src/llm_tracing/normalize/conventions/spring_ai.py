"""Spring AI's observations: what it writes around OpenTelemetry's gen_ai attributes, which its calls of models have.

Source: Spring AI's reference, "Observability". Micrometer writes every value as text. A chat client, an advisor and a
tool say what they are in `spring.ai.kind` and all call their operation `framework` and their system `spring_ai`; a
vector store has database attributes. Content is there where the application lets it be.
"""

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.serialized import documents_in, opened
from llm_tracing.normalize.messages import messages_of
from llm_tracing.normalize.values import as_bool, as_text, first, first_id

KIND = "spring.ai.kind"

# spring.ai.kind -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "chat_client": ("chain", None),
    "advisor": ("chain", None),
    "tool_call": ("tool", "execute_tool"),
}
VECTOR_STORE, QUERY = "vector_store", "query"

SESSION = ("spring.ai.chat.client.conversation.id", "gen_ai.conversation.id")
STREAM = ("spring.ai.chat.client.stream",)
ASKED = ("spring.ai.chat.client.user.text",)
SYSTEM = ("spring.ai.chat.client.system.text",)
ANSWERED = ("spring.ai.chat.client.completion",)
TOOL_NAME = ("spring.ai.tool.definition.name",)
TOOL_ARGUMENTS = ("spring.ai.tool.call.arguments",)
TOOL_RESULT = ("spring.ai.tool.call.result",)
STORE_OPERATION = ("db.operation.name",)
STORE_QUERY = ("db.vector.query.content",)
DOCUMENTS = ("db.vector.query.response.documents",)


class SpringAI:
    name = "spring_ai"
    markers = frozenset({KIND})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset(
        {*ASKED, *SYSTEM, *ANSWERED, *TOOL_ARGUMENTS, *TOOL_RESULT, *STORE_QUERY, *DOCUMENTS}
    )
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        kind, operation = _kind(sent.attributes)
        return Facts(kind=kind, operation=operation, session_id=first_id(sent.attributes, SESSION))

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(attributes)
        if kind == "tool":
            return Content(
                tool=ToolUse(
                    as_text(first(attributes, TOOL_NAME)),
                    None,
                    opened(first(attributes, TOOL_ARGUMENTS)),
                    opened(first(attributes, TOOL_RESULT)),
                )
            )
        if kind == "retriever":
            return Content(input=first(attributes, STORE_QUERY), documents=documents_in(first(attributes, DOCUMENTS)))
        system = messages_of(first(attributes, SYSTEM), "system")
        return Content(
            input_messages=messages_of(first(attributes, ASKED), "user"),
            output_messages=messages_of(first(attributes, ANSWERED), "assistant"),
            system_instructions=[part for message in system or () for part in message["parts"]] or None,
            streaming=as_bool(first(attributes, STREAM)),
        )


def _kind(attributes: Attributes) -> tuple[str | None, str | None]:
    """Of a vector store the query alone; what it adds and deletes is a database's work."""
    sent = str(attributes.get(KIND))
    if sent == VECTOR_STORE:
        return ("retriever", "retrieval") if first(attributes, STORE_OPERATION) == QUERY else (None, None)
    return KINDS.get(sent, (None, None))
