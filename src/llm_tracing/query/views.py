"""The views that are there from the start, as data: a line each. A test reads every one of them.

The address of each is its slug; `why` is said in the menu.
"""

from typing import NamedTuple

from llm_tracing.store.contract import Table


class BuiltInView(NamedTuple):
    slug: str
    name: str
    page: Table
    q: str
    why: str


BUILT_IN: tuple[BuiltInView, ...] = (
    BuiltInView("errors", "Errors", "traces", "status:error", "The request failed."),
    BuiltInView(
        "hidden-errors",
        "Errors that were dealt with",
        "traces",
        "has:error -status:error",
        "A step failed, the rest went on.",
    ),
    BuiltInView("slow", "Slow", "traces", "duration:>10s", "Took longer than ten seconds."),
    BuiltInView(
        "slow-start", "Slow to the first token", "traces", "ttft:>2s", "A call let people wait for two seconds."
    ),
    BuiltInView("expensive", "Expensive", "traces", "cost:>0.05", "Cost more than five cents."),
    BuiltInView("unpriced", "Unpriced", "traces", "has:unpriced", "A call of a model without a known price."),
    BuiltInView("cut-off", "Answers cut off", "traces", "finish:length", "The model stopped at its token limit."),
    BuiltInView("thumbs-down", "Found bad", "traces", "thumb:down", "Somebody gave a thumb down."),
    BuiltInView(
        "empty-sql-answer",
        "SQL returned nothing, the answer sounded sure",
        "traces",
        "has:empty-sql-answer",
        "The last statement had no rows, and the answer does not say so.",
    ),
    BuiltInView("running", "Running", "traces", "status:running", "Has not ended, or its end was lost."),
    BuiltInView("log-errors", "Errors", "logs", "severity:error", "Records of severity error or worse."),
    BuiltInView("log-alone", "Without a trace", "logs", "-has:trace", "Records that no request can be found for."),
)
