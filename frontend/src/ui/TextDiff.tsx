import { useMemo, type ReactNode } from "react";
import { formatCount } from "../format/numbers";
import { firstPart, visible } from "../format/text";
import { brokenParts, isSame, shortened, sqlDiff, textDiff, type DiffPart } from "../model/textDiff";

/** Characters of what both share that are kept around a difference. */
const AROUND = 240;

/** One side of two texts: what the other does not have is marked. */
export function DiffSide({ parts, side }: { parts: readonly DiffPart[]; side: "gone" | "new" }): ReactNode {
  return (
    <div className="plain diff" dir="auto" tabIndex={0}>
      {parts.map((part, index) => {
        if (part.kind === "same") return <Shared key={index} text={part.text} isFirst={index === 0} isLast={index === parts.length - 1} />;
        if (part.kind !== side) return null;
        const text = visible(firstPart(part.text));
        return side === "gone" ? <del key={index}>{text}</del> : <ins key={index}>{text}</ins>;
      })}
    </div>
  );
}

function Shared({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }): ReactNode {
  const { head, left, tail } = shortened(text, AROUND, isFirst, isLast);
  return (
    <>
      {visible(head)}
      {left > 0 && <span className="diff-left"> … {formatCount(left)} characters the same … </span>}
      {visible(tail)}
    </>
  );
}

/** Two texts beside each other, the words that differ marked; one below the other where there is no room. */
export function TextDiff({ before, after, names }: { before: string; after: string; names: readonly [string, string] }): ReactNode {
  const parts = useMemo(() => textDiff(before, after), [before, after]);
  if (parts !== null && isSame(parts)) {
    return (
      <div className="diff-pair">
        <p className="muted">The same in both, {formatCount(before.length)} characters.</p>
        <div className="plain diff" dir="auto" tabIndex={0}>
          {visible(firstPart(before, 600))}
          {before.length > 600 && <span className="diff-left"> …</span>}
        </div>
      </div>
    );
  }
  const whole = parts === null;
  return (
    <>
      {whole && <p className="muted">Too different to mark word by word; both are shown from their beginning.</p>}
      <div className="diff-pair" data-sides="two">
        <section aria-label={names[0]}>
          <DiffSide parts={parts ?? [{ kind: "gone", text: firstPart(before) }]} side="gone" />
        </section>
        <section aria-label={names[1]}>
          <DiffSide parts={parts ?? [{ kind: "new", text: firstPart(after) }]} side="new" />
        </section>
      </div>
    </>
  );
}

/** A statement as it was executed, with what was not written so marked in place; what is gone is struck through. */
export function SqlDifference({ written, executed }: { written: string; executed: string }): ReactNode {
  const parts = useMemo(() => {
    const found = sqlDiff(written, executed);
    return found && brokenParts(found);
  }, [written, executed]);
  if (parts === null) return <pre className="sql">{visible(firstPart(executed))}</pre>;
  return (
    <pre className="sql" tabIndex={0}>
      {parts.map((part, index) => {
        const tokens = part.tokens.map((token, at) => (
          <span key={at} className={`sql-${token.kind}`}>
            {visible(token.text)}
          </span>
        ));
        return part.kind === "same" ? <span key={index}>{tokens}</span> : part.kind === "new" ? <ins key={index}>{tokens}</ins> : <del key={index}>{tokens}</del>;
      })}
    </pre>
  );
}
