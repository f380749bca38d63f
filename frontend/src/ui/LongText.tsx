import { useState, type ReactNode } from "react";
import { formatBytes } from "../format/numbers";
import { FIRST_PART, firstPart } from "../format/text";

interface Props {
  text: string;
  children: (shown: string) => ReactNode;
}

/** The first 20 kB of a text, and a button for all of it. */
export function LongText({ text, children }: Props): ReactNode {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > FIRST_PART;
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
