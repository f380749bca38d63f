import pytest
from langchain_core.messages import AIMessage, HumanMessage

from llm_tracing.telemetry.langchain_steps import as_messages, step_name
from tests.telemetry.model_endpoint import model_endpoint
from tests.telemetry.program import run_program
from tests.telemetry.sink import Sink, SinkSpan, http_sink


@pytest.mark.parametrize(
    ("name", "run_type", "tags", "metadata", "expected"),
    [
        ("write_sql", None, ["seq:step:1"], {}, "write_sql"),
        ("RunnableSequence", None, [], {}, None),
        ("RunnableParallel<a,b>", None, [], {}, None),
        ("ChatPromptTemplate", "prompt", [], {}, None),
        ("StrOutputParser", "parser", [], {}, None),
        ("route", None, ["langsmith:hidden"], {}, None),
        ("quiet", None, [], {"otel_trace": False}, None),
        ("model", None, [], {"ls_integration": "langchain_create_agent"}, None),
        (None, None, [], {}, None),
    ],
)
def test_a_step_is_what_a_person_named(
    name: str | None, run_type: str | None, tags: list[str], metadata: dict[str, object], expected: str | None
) -> None:
    assert step_name(name, run_type, tags, metadata) == expected


def test_input_and_output_of_any_form_become_messages() -> None:
    message = AIMessage(content="a")
    assert as_messages(message, AIMessage) == {"messages": [message]}
    assert as_messages([message], AIMessage) == {"messages": [message]}
    assert as_messages({"messages": [], "more": 1}, AIMessage) == {"messages": [], "more": 1}
    assert as_messages("text", HumanMessage) == {"messages": [HumanMessage(content="text")]}
    assert as_messages({"rows": [1]}, HumanMessage) == {"messages": [HumanMessage(content='{"rows": [1]}')]}
    assert as_messages(None, HumanMessage) == {}


def lines(sink: Sink) -> list[str]:
    spans = sorted(sink.spans, key=lambda span: span.start_ns)

    def below(parent: str, depth: int) -> list[str]:
        found: list[str] = []
        for span in spans:
            if span.parent_id == parent:
                found += ["  " * depth + span.name, *below(span.span_id, depth + 1)]
        return found

    return below("", 0)


def test_nodes_of_a_graph_are_steps_and_its_plumbing_is_not() -> None:
    program = """
    from typing import TypedDict
    import llm_tracing
    llm_tracing.configure()
    from langgraph.graph import END, START, StateGraph
    class State(TypedDict):
        question: str
        rows: int
    def write(state): return {"rows": 1}
    def word(state): return {"rows": state["rows"] + 1}
    graph = StateGraph(State)
    graph.add_node("write_sql", write)
    graph.add_node("word_answer", word)
    graph.add_edge(START, "write_sql")
    graph.add_conditional_edges("write_sql", lambda state: "word_answer", ["word_answer"])
    graph.add_edge("word_answer", END)
    assert graph.compile().invoke({"question": "q", "rows": 0})["rows"] == 2
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        assert lines(sink) == [
            "invoke_workflow LangGraph",
            "  invoke_workflow write_sql",
            "  invoke_workflow word_answer",
        ]


def test_an_agent_has_one_span_and_none_for_its_nodes() -> None:
    program = """
    import llm_tracing
    llm_tracing.configure()
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    model = ChatOpenAI(model="m", base_url=BASE, api_key="unused")
    def look(what: str) -> str:
        "Look it up."
        return what
    agent = create_agent(model, tools=[look], name="helper", system_prompt="Help.")
    agent.invoke({"messages": [{"role": "user", "content": "hello"}]})
    """
    with http_sink() as sink, model_endpoint() as model_url:
        run_program(program.replace("BASE", repr(model_url)), sink.endpoint)
        assert lines(sink) == ["invoke_agent helper", "  chat m", "    POST"]


def test_parallel_steps_have_the_chain_as_parent_and_their_calls_below_them() -> None:
    program = """
    import sys, llm_tracing
    llm_tracing.configure()
    from langchain_core.runnables import RunnableLambda, RunnableParallel
    from langchain_openai import ChatOpenAI
    model = ChatOpenAI(model="m", base_url=BASE, api_key="unused")
    def step(name): return (RunnableLambda(lambda _: "hi") | model).with_config(run_name=name)
    chain = RunnableParallel(a=step("first"), b=step("second")).with_config(run_name="both")
    chain.invoke("question")
    """
    with http_sink() as sink, model_endpoint() as model_url:
        run_program(program.replace("BASE", repr(model_url)), sink.endpoint)
        by_id: dict[str, SinkSpan] = {span.span_id: span for span in sink.spans}
        paths = sorted(
            (by_id[by_id[span.parent_id].parent_id].name, by_id[span.parent_id].name)
            for span in sink.spans
            if span.name == "chat m"
        )
    assert paths == [
        ("invoke_workflow both", "invoke_workflow first"),
        ("invoke_workflow both", "invoke_workflow second"),
    ]


def test_without_content_capture_a_step_has_a_name_and_no_text() -> None:
    program = """
    import llm_tracing
    llm_tracing.configure()
    from langchain_core.runnables import RunnableLambda
    inner = RunnableLambda(lambda x: x).with_config(run_name="inner")
    RunnableLambda(lambda x: inner.invoke(x)).with_config(run_name="outer").invoke("secret")
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="NO_CONTENT")
        assert lines(sink) == ["invoke_workflow outer", "  invoke_workflow inner"]
        assert not any(b"secret" in body for _, body in sink.requests)


def test_what_fails_in_a_tool_has_its_stack_on_the_tool_and_on_the_steps_around_it() -> None:
    program = """
    import llm_tracing
    llm_tracing.configure()
    from langchain_core.runnables import RunnableLambda
    from langchain_core.tools import tool
    @tool
    def divide(by: int) -> float:
        "Divides one."
        return 1 / by
    chain = RunnableLambda(lambda given: divide.invoke({"by": 0})).with_config(run_name="calculate")
    try:
        chain.invoke("x")
    except ZeroDivisionError:
        pass
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        stacks = {
            span.name: str(attributes["exception.stacktrace"])
            for span in sink.spans
            for event, attributes in span.events
            if event == "exception"
        }
    assert set(stacks) == {"invoke_workflow calculate", "execute_tool divide"}
    assert all("in divide" in stack and "ZeroDivisionError: division by zero" in stack for stack in stacks.values())
