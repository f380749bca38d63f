import { useMemo, useState, type ReactNode } from "react";
import { formatBytes } from "../format/numbers";
import { FIRST_PART, firstPart, pieces } from "../format/text";

/** Longer texts are set piece by piece, and the browser lays out only those in sight: megabytes at once would stop it. */
const WHOLE = 100_000;

interface Props {
  text: string;
  children: (shown: string) => ReactNode;
}

/** The first 20 kB of a text, and a button for all of it. */
export function LongText({ text, children }: Props): ReactNode {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > FIRST_PART;
  if (all && text.length > WHOLE) return <Pieces text={text}>{children}</Pieces>;
  return (
    <>
      {children(cut ? firstPart(text) : text)}
      {cut && (
        <button type="button" className="button show-all" onClick={() => setAll(true)}>
          Show all {formatBytes(new Blob([text]).size)}
        </button>
      )}
    </>
  );
}

function Pieces({ text, children }: Props): ReactNode {
  const parts = useMemo(() => pieces(text), [text]);
  return (
    <div className="pieces">
      {parts.map((part, index) => (
        <div key={index} className="piece">
          {children(part)}
        </div>
      ))}
    </div>
  );
}
