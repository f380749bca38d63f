import type { ReactNode } from "react";
import { Copy } from "./Copy";

/** A snippet to copy. */
export function Code({ text, label }: { text: string; label: string }): ReactNode {
  return (
    <figure className="code">
      <figcaption>
        <span className="muted">{label}</span>
        <Copy text={text} label={`Copy: ${label}`} />
      </figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}
