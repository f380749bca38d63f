import { useState, type MouseEvent, type ReactNode } from "react";
import { formatBytes, formatCount } from "../../format/numbers";
import { firstLine, openJson, visible } from "../../format/text";
import { messageText, type Message, type Part } from "../../model/messages";
import type { ToolPair } from "../../model/toolPairs";
import { tableIn } from "../../model/table";
import { Copy } from "../../ui/Copy";
import { DataTable } from "../../ui/DataTable";
import { Icon } from "../../ui/Icon";
import { JsonTree, PlainText } from "../../ui/JsonTree";
import { LongText } from "../../ui/LongText";
import { Markdown } from "../../ui/Markdown";
import { Sql } from "../../ui/Sql";
import { isStatement, statementOf } from "../../model/statement";

/** `set` as Markdown, JSON and tables; `words` as written; `raw` in fixed width, JSON as text. */
type Mode = "set" | "words" | "raw";

const MOST_SET = 200_000;
const AS_WRITTEN = new Set(["system", "user", "developer"]);
const KNOWN_ROLES = new Set(["system", "user", "assistant", "tool"]);

type Pairs = ReadonlyMap<string, ToolPair>;

const NO_PAIRS: Pairs = new Map();

/** The card at a place of the conversation; `pairs` says which result answers which call. */
export function MessageCard({ message, pairs = NO_PAIRS, place }: { message: Message; pairs?: Pairs; place?: number }): ReactNode {
  const text = messageText(message);
  // Instructions are long and mostly the same from call to call: one line until wanted.
  const [open, setOpen] = useState(message.role !== "system" || text.length < 200);
  // What a person or a program wrote is shown exactly as it was sent; what a model wrote is mostly Markdown.
  const [mode, setMode] = useState<Mode>(AS_WRITTEN.has(message.role) ? "words" : "set");
  const role = KNOWN_ROLES.has(message.role) ? message.role : "other";
  return (
    <article className={`message role-${role}`} data-direction={message.direction} data-testid="message" id={place === undefined ? undefined : `message-${place}`}>
      <header>
        <button type="button" className="message-role" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="chevron" className={open ? "turned" : ""} />
          <b>{visible(message.role.slice(0, 60))}</b>
          {message.name && <span className="muted">{visible(message.name.slice(0, 60))}</span>}
        </button>
        {!open && <span className="cut preview">{firstLine(text, 200)}</span>}
        <span className="muted number">{formatCount(text.length)} chars</span>
        <ModeButton mode={mode} asWritten={AS_WRITTEN.has(message.role)} onMode={setMode} />
        <Copy text={text} label="Copy the message" />
      </header>
      {open && (
        <div className="message-body">
          {message.parts.length === 0 && <p className="muted">empty</p>}
          {message.parts.map((part, index) => (
            <PartView key={index} part={part} mode={mode} pairs={pairs} />
          ))}
        </div>
      )}
    </article>
  );
}

function ModeButton({ mode, asWritten, onMode }: { mode: Mode; asWritten: boolean; onMode: (mode: Mode) => void }): ReactNode {
  return asWritten ? (
    <button
      type="button"
      className="button-quiet"
      aria-pressed={mode === "set"}
      title="Set as Markdown"
      onClick={() => onMode(mode === "set" ? "words" : "set")}
    >
      md
    </button>
  ) : (
    <button
      type="button"
      className="button-quiet"
      aria-pressed={mode === "raw"}
      title="As it was sent"
      onClick={() => onMode(mode === "raw" ? "set" : "raw")}
    >
      raw
    </button>
  );
}

function PartView({ part, mode, pairs }: { part: Part; mode: Mode; pairs: Pairs }): ReactNode {
  const raw = mode === "raw";
  switch (part.type) {
    case "text":
      return <Words text={part.text} mode={mode} />;
    case "reasoning":
      return (
        <details className="part-fold" open>
          <summary className="muted">reasoning</summary>
          <Words text={part.text} mode={mode} />
        </details>
      );
    case "tool_call":
      return <ToolCall part={part} raw={raw} pair={part.id === null ? undefined : pairs.get(part.id)} />;
    case "tool_result":
      return <ToolResult result={part.result} raw={raw} pair={part.id === null ? undefined : pairs.get(part.id)} />;
    case "image": {
      const bytes = Math.floor((part.data.length * 3) / 4);
      return (
        <figure className="image">
          <img src={`data:${part.mime};base64,${part.data}`} alt={`Image of ${formatBytes(bytes)}`} />
          <figcaption className="muted">
            {part.mime}, {formatBytes(bytes)}
          </figcaption>
        </figure>
      );
    }
    case "reference":
      return (
        <p>
          <span className="tag">{visible(part.label)}</span> <code>{visible(part.uri.slice(0, 2000))}</code>
        </p>
      );
    case "other":
      return (
        <div>
          <span className="tag">{visible(part.name.slice(0, 60))}</span>
          <JsonTree value={part.value} />
        </div>
      );
  }
}

function Words({ text, mode }: { text: string; mode: Mode }): ReactNode {
  // Set as Markdown, megabytes would hold the page up for seconds.
  if (mode === "raw" || text.length > MOST_SET) return <PlainText text={text} />;
  if (mode === "words") {
    return (
      <LongText text={text}>
        {(shown) => (
          <div className="words" dir="auto">
            {visible(shown)}
          </div>
        )}
      </LongText>
    );
  }
  if (isStatement(text)) return <Sql text={text} />;
  const opened = openJson(text);
  if (typeof opened === "object") return <JsonTree value={opened} />;
  return <LongText text={text}>{(shown) => <Markdown text={shown} />}</LongText>;
}

function ToolCall({ part, raw, pair }: { part: Extract<Part, { type: "tool_call" }>; raw: boolean; pair: ToolPair | undefined }): ReactNode {
  const sql = statementOf({
    kind: "tool",
    attributes: {},
    input: null,
    tool: { name: part.name, call_id: part.id, arguments: part.arguments, result: null },
  });
  return (
    <div className="tool-call">
      <p>
        <span className="kind kind-tool">
          <Icon name="tool" />
        </span>
        <b className="mono">{visible(part.name.slice(0, 100))}</b>
        {part.id && <span className="muted mono"> {visible(part.id.slice(0, 60))}</span>}
      </p>
      {raw ? <PlainText text={JSON.stringify(part.arguments, null, 2)} /> : sql !== null ? <Sql text={sql} /> : <JsonTree value={part.arguments} />}
      {pair && pair.result !== null && (
        <a className="tool-answer" href={`#message-${pair.result}`} onClick={(event) => showMessage(event, pair.result)}>
          <span className="muted">result</span> <span className="cut">{firstLine(pair.answer ?? "", 160) || "empty"}</span>
        </a>
      )}
    </div>
  );
}

/** The address holds the span and the tab; a place within them does not go there. */
function showMessage(event: MouseEvent, place: number | null): void {
  event.preventDefault();
  document.getElementById(`message-${place}`)?.scrollIntoView({ block: "nearest" });
}

function ToolResult({ result, raw, pair }: { result: unknown; raw: boolean; pair: ToolPair | undefined }): ReactNode {
  return (
    <>
      {pair && pair.call !== null && (
        <a className="tool-answer" href={`#message-${pair.call}`} onClick={(event) => showMessage(event, pair.call)}>
          <span className="muted">answers</span> <span className="cut mono">{visible(pair.name.slice(0, 100))}</span>
        </a>
      )}
      <ToolAnswer result={result} raw={raw} />
    </>
  );
}

function ToolAnswer({ result, raw }: { result: unknown; raw: boolean }): ReactNode {
  if (raw) return <PlainText text={typeof result === "string" ? result : JSON.stringify(result, null, 2)} />;
  const table = tableIn(result);
  return table ? <DataTable table={table} /> : <JsonTree value={result} />;
}
