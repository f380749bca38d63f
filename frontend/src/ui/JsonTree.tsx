import { useState, type ReactNode } from "react";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { Icon } from "./Icon";
import { LongText } from "./LongText";

const AT_ONCE = 100;
/** Deeper levels start closed. */
const OPEN_LEVELS = 2;

/** JSON as a tree that folds; text alone is shown as text. */
export function JsonTree({ value }: { value: unknown }): ReactNode {
  if (typeof value === "string") return <PlainText text={value} />;
  return (
    <div className="json">
      <Node name={null} value={value} level={0} />
    </div>
  );
}

export function PlainText({ text }: { text: string }): ReactNode {
  return (
    <LongText text={text}>
      {(shown) => (
        <pre className="plain" dir="auto">
          {visible(shown)}
        </pre>
      )}
    </LongText>
  );
}

interface NodeProps {
  name: string | null;
  value: unknown;
  level: number;
}

function Node({ name, value, level }: NodeProps): ReactNode {
  const entries = entriesOf(value);
  if (!entries || entries.length === 0) {
    return (
      <div className="json-leaf">
        <Name name={name} />
        <Scalar value={value} />
      </div>
    );
  }
  if (Array.isArray(value) && isShort(value)) {
    return (
      <div className="json-leaf">
        <Name name={name} />
        {value.map((item, index) => (
          <span key={index}>
            {index > 0 && ", "}
            <Scalar value={item} />
          </span>
        ))}
      </div>
    );
  }
  return <Branch name={name} list={Array.isArray(value)} entries={entries} level={level} />;
}

function Branch({ name, list, entries, level }: Omit<NodeProps, "value"> & { list: boolean; entries: [string, unknown][] }): ReactNode {
  const [open, setOpen] = useState(level < OPEN_LEVELS && entries.length <= AT_ONCE);
  const [shown, setShown] = useState(AT_ONCE);
  const size = list ? plural(entries.length, "item") : plural(entries.length, "key");
  return (
    <div className="json-branch">
      <button type="button" className="json-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="chevron" className={open ? "turned" : ""} />
        <Name name={name} />
        <span className="muted">{list ? `[ ${size} ]` : `{ ${size} }`}</span>
      </button>
      {open && (
        <div className="json-children">
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} level={level + 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className="button" onClick={() => setShown(shown + 10 * AT_ONCE)}>
              Show more ({formatCount(entries.length - shown)} left)
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | null }): ReactNode {
  return name === null ? null : <span className="json-name">{visible(name)}:</span>;
}

function Scalar({ value }: { value: unknown }): ReactNode {
  if (typeof value === "string") {
    return (
      <LongText text={value}>
        {(shown) => (
          <span className="json-string" dir="auto">
            {visible(shown)}
          </span>
        )}
      </LongText>
    );
  }
  return <span className={`json-${value === null ? "null" : typeof value}`}>{JSON.stringify(value) ?? "null"}</span>;
}

/** A few plain values fit on one line. */
function isShort(list: readonly unknown[]): boolean {
  return list.length <= 8 && list.every((item) => typeof item !== "object") && JSON.stringify(list).length < 80;
}

function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}
