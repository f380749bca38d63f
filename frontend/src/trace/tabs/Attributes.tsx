import { useState, type ReactNode } from "react";
import type { Span } from "../../api/types.gen";
import { formatBytes, formatCount, plural } from "../../format/numbers";
import { asText, visible } from "../../format/text";
import { formatExactTime } from "../../format/time";
import { cutOf } from "../../model/cut";
import { unitOf } from "../../model/units";
import { Copy } from "../../ui/Copy";
import { Icon } from "../../ui/Icon";
import { JsonTree } from "../../ui/JsonTree";

/** Characters that may need more than the height of a value. */
const SCROLLS = 300;

type Entry = readonly [name: string, value: unknown];

interface Group {
  title: string;
  entries: readonly Entry[];
  dropped: number;
  /** Bytes that a value had before the server cut it. */
  cut?: ReadonlyMap<string, number>;
}

export function Attributes({ span }: { span: Span }): ReactNode {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const groups = groupsOf(span).map((group) => ({
    ...group,
    entries: wanted ? group.entries.filter((entry) => matches(entry, wanted)) : group.entries,
  }));
  const none = groups.every((group) => group.entries.length === 0);
  return (
    <>
      <label className="search">
        <Icon name="search" />
        <span className="hidden-text">Search the attributes</span>
        <input
          type="search"
          value={search}
          placeholder="Search names and values"
          spellCheck={false}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      {groups.map((group) => (
        <AttributeGroup key={group.title} group={group} />
      ))}
      {none && <p className="muted">{wanted ? "Nothing matches." : "No attributes were sent."}</p>}
    </>
  );
}

function AttributeGroup({ group }: { group: Group }): ReactNode {
  if (group.entries.length === 0 && group.dropped === 0) return null;
  return (
    <section className="attributes">
      <h3>
        {group.title} <span className="muted">{formatCount(group.entries.length)}</span>
      </h3>
      <dl>
        {group.entries.map(([name, value]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>
              <AttributeValue name={name} value={value} />
              <Unit name={name} value={value} />
              <CutNote value={value} bytes={group.cut?.get(name)} />
              <Copy text={() => asText(value)} label={`Copy ${name.slice(0, 80)}`} />
            </dd>
          </div>
        ))}
      </dl>
      {group.dropped > 0 && <p className="status-warning">{plural(group.dropped, "attribute")} dropped by the sender.</p>}
    </section>
  );
}

/** A long value scrolls in place, so it takes the focus for the keys that scroll. */
function AttributeValue({ name, value }: { name: string; value: unknown }): ReactNode {
  const scrolls = typeof value === "string" && value.length > SCROLLS;
  return (
    <div className="attribute-value" {...(scrolls ? { tabIndex: 0, role: "group", "aria-label": visible(name.slice(0, 200)) } : {})}>
      <JsonTree value={value} />
    </div>
  );
}

function CutNote({ value, bytes }: { value: unknown; bytes: number | undefined }): ReactNode {
  if (bytes === undefined) return null;
  const kept = new TextEncoder().encode(asText(value)).length;
  return (
    <span className="status-warning" title="A value over LLM_TRACING_MAX_ATTRIBUTE_BYTES is cut when it arrives.">
      cut: {formatBytes(bytes)}, first {formatBytes(kept)} kept
    </span>
  );
}

function Unit({ name, value }: { name: string; value: unknown }): ReactNode {
  const unit = unitOf(name, value);
  return unit && <span className="muted unit">{unit}</span>;
}

function groupsOf(span: Span): Group[] {
  const { scope, resource } = span;
  return [
    { title: "Span", entries: sorted(span.attributes), dropped: span.dropped_attributes_count, cut: cutOf(span.attributes) },
    { title: "Resource", entries: sorted(resource.attributes), dropped: resource.dropped_attributes_count },
    {
      title: "Scope",
      entries: [...present({ name: scope.name, version: scope.version, schema_url: scope.schema_url }), ...sorted(scope.attributes)],
      dropped: scope.dropped_attributes_count,
    },
    {
      title: "Identity",
      entries: present({
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        span_kind: span.otel_kind,
        start: formatExactTime(span.start_time_unix_nano),
        trace_state: span.trace_state,
        session_id: span.session_id,
        user_id: span.user_id,
        received_as: span.sources.join(", "),
      }),
      dropped: 0,
    },
  ];
}

function sorted(attributes: Record<string, unknown>): Entry[] {
  return Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
}

function present(values: Record<string, unknown>): Entry[] {
  return Object.entries(values).filter(([, value]) => value !== null && value !== "");
}

function matches([name, value]: Entry, wanted: string): boolean {
  return name.toLowerCase().includes(wanted) || asText(value).toLowerCase().includes(wanted);
}
