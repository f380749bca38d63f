"""Takes what the rules find out of a decoded request, in place, before it has any meaning.

Texts are looked at wherever a client may put one: values of attributes (of resource, scope, span, event, link, log
record, point, exemplar), names of spans and events, messages of a status, bodies; inputs, outputs, errors and metadata
of LangSmith's runs, attachments of text, feedback. Ids, times, keys of attributes and bytes are left.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from llm_tracing.receive.runs import Attachment, RunOperation, RunsRequest
from llm_tracing.receive.sink import Received, ReceivedSignal
from llm_tracing.redaction.rules import Rules, RuleSet, rules_for

_NO_SERVICE = "unknown_service"
_RUN_IDS = frozenset({"id", "trace_id", "parent_run_id", "dotted_order", "session_id", "reference_example_id"})
_POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


class Redactor:
    """For the one thread that stores; `counts` are what was taken out since the start, by rule."""

    def __init__(self, sets: Sequence[RuleSet]) -> None:
        self._sets = tuple(sets)
        self._by_service: dict[str, Rules] = {}
        self._all = Rules(
            tuple(pattern for one in self._sets for pattern in one.patterns),
            tuple(name for one in self._sets for name in one.attributes),
        )
        self.counts: Counter[str] = Counter()

    def apply(self, signal: ReceivedSignal, request: Received) -> None:
        """Change a request in place. Twice is as once."""
        if isinstance(request, RunsRequest):
            self._runs(request)
        elif signal == "traces":
            for of_resource in request.resource_spans:  # type: ignore[attr-defined]
                self._spans(of_resource)
        elif signal == "logs":
            for of_resource in request.resource_logs:  # type: ignore[attr-defined]
                self._logs(of_resource)
        else:
            for of_resource in request.resource_metrics:  # type: ignore[attr-defined]
                self._metrics(of_resource)

    def text(self, text: str, rules: Rules) -> str:
        """A text without what the rules find."""
        matches = rules.matches(text)
        if not matches:
            return text
        pieces: list[str] = []
        at = 0
        for match in matches:
            self.counts[match.rule] += 1
            pieces += [text[at : match.start], f"[{match.rule}]"]
            at = match.end
        return "".join([*pieces, text[at:]])

    def rules_of(self, service: str) -> Rules:
        found = self._by_service.get(service)
        if found is None:
            if len(self._by_service) > 1_000:
                self._by_service.clear()
            found = self._by_service[service] = rules_for(self._sets, service)
        return found

    def _rules_of_resource(self, resource: Any) -> Rules:
        name = next((kv.value.string_value for kv in resource.attributes if kv.key == "service.name"), "")
        return self.rules_of(name or _NO_SERVICE)

    def _spans(self, of_resource: Any) -> None:
        if not (rules := self._rules_of_resource(of_resource.resource)):
            return
        self._attributes(of_resource.resource.attributes, rules)
        for of_scope in of_resource.scope_spans:
            self._attributes(of_scope.scope.attributes, rules)
            for span in of_scope.spans:
                self._field(span, "name", rules)
                self._field(span.status, "message", rules)
                self._attributes(span.attributes, rules)
                for event in span.events:
                    self._field(event, "name", rules)
                    self._attributes(event.attributes, rules)
                for link in span.links:
                    self._attributes(link.attributes, rules)

    def _logs(self, of_resource: Any) -> None:
        if not (rules := self._rules_of_resource(of_resource.resource)):
            return
        self._attributes(of_resource.resource.attributes, rules)
        for of_scope in of_resource.scope_logs:
            self._attributes(of_scope.scope.attributes, rules)
            for record in of_scope.log_records:
                self._value(record.body, rules)
                self._attributes(record.attributes, rules)

    def _metrics(self, of_resource: Any) -> None:
        if not (rules := self._rules_of_resource(of_resource.resource)):
            return
        self._attributes(of_resource.resource.attributes, rules)
        for of_scope in of_resource.scope_metrics:
            self._attributes(of_scope.scope.attributes, rules)
            for metric in of_scope.metrics:
                self._attributes(metric.metadata, rules)
                for kind in _POINTS:
                    for point in getattr(metric, kind).data_points if metric.HasField(kind) else ():
                        self._attributes(point.attributes, rules)
                        for exemplar in getattr(point, "exemplars", ()):
                            self._attributes(exemplar.filtered_attributes, rules)

    def _attributes(self, attributes: Iterable[Any], rules: Rules) -> None:
        for attribute in attributes:
            if rules.takes_whole(attribute.key):
                self.counts["attribute"] += attribute.value.string_value != "[attribute]"
                attribute.value.string_value = "[attribute]"
            else:
                self._value(attribute.value, rules)

    def _value(self, value: Any, rules: Rules) -> None:
        kind = value.WhichOneof("value")
        if kind == "string_value":
            self._field(value, "string_value", rules)
        elif kind == "array_value":
            for one in value.array_value.values:
                self._value(one, rules)
        elif kind == "kvlist_value":
            self._attributes(value.kvlist_value.values, rules)

    def _field(self, message: Any, name: str, rules: Rules) -> None:
        text = getattr(message, name)
        if text and (changed := self.text(text, rules)) != text:
            setattr(message, name, changed)

    def _runs(self, request: RunsRequest) -> None:
        for operation in request.operations:
            project = operation.fields.get("session_name")
            # What is sent later of a run does not name its project: then every rule is meant.
            if rules := self.rules_of(project) if isinstance(project, str) and project else self._all:
                self._run(operation, rules)
        request.feedback = [self._json(feedback, self._all) for feedback in request.feedback]

    def _run(self, operation: RunOperation, rules: Rules) -> None:
        operation.fields = {
            name: value if name in _RUN_IDS else self._json_of(name, value, rules)
            for name, value in operation.fields.items()
        }
        operation.opened = {}  # read again from what is left of the texts
        operation.texts = {name: self.text(text, rules) for name, text in operation.texts.items()}
        operation.attachments = {
            name: Attachment(sent.content_type, self._attachment(sent, rules))
            for name, sent in operation.attachments.items()
        }

    def _attachment(self, sent: Attachment, rules: Rules) -> bytes:
        if not sent.content_type.startswith(("text/", "application/json")):
            return sent.data
        return self.text(sent.data.decode("utf-8", "surrogateescape"), rules).encode("utf-8", "surrogateescape")

    def _json(self, value: Any, rules: Rules) -> Any:
        if isinstance(value, str):
            return self.text(value, rules)
        if isinstance(value, list):
            return [self._json(one, rules) for one in value]
        if isinstance(value, dict):
            return {name: value if name == "id" else self._json_of(name, value, rules) for name, value in value.items()}
        return value

    def _json_of(self, name: str, value: Any, rules: Rules) -> Any:
        if rules.takes_whole(name):
            self.counts["attribute"] += value != "[attribute]"
            return "[attribute]"
        return self._json(value, rules)
