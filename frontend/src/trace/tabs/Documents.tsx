import type { ReactNode } from "react";
import type { Document } from "../../api/types.gen";
import { visible } from "../../format/text";
import { JsonTree, PlainText } from "../../ui/JsonTree";

export function Documents({ documents }: { documents: readonly Document[] }): ReactNode {
  return (
    <ol className="documents">
      {documents.map((document, index) => (
        <li key={index}>
          <header>
            <b>{index + 1}</b>
            <code>{visible((document.id ?? "").slice(0, 200))}</code>
            {document.score !== null && <span className="number muted">score {document.score.toPrecision(4)}</span>}
          </header>
          {document.content === null ? <p className="muted">No text was sent.</p> : <PlainText text={document.content} />}
          {document.metadata !== null && document.metadata !== undefined && <JsonTree value={document.metadata} />}
        </li>
      ))}
    </ol>
  );
}
