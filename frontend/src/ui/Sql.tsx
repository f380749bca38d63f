import { Fragment, useMemo, useState, type ReactNode } from "react";
import { visible } from "../format/text";
import { brokenAtClauses, tokenizeSql } from "../model/sql";
import { Copy } from "./Copy";
import { LongText } from "./LongText";

export function Sql({ text }: { text: string }): ReactNode {
  const [asSent, setAsSent] = useState(false);
  const oneLine = !text.trim().includes("\n");
  return (
    <figure className="code">
      <figcaption>
        <span className="muted">SQL</span>
        {oneLine && (
          <button type="button" className="button-quiet" aria-pressed={asSent} onClick={() => setAsSent(!asSent)}>
            as sent
          </button>
        )}
        <Copy text={text} label="Copy the statement" />
      </figcaption>
      <LongText text={text}>{(shown) => <SqlTokens text={shown} broken={oneLine && !asSent} />}</LongText>
    </figure>
  );
}

function SqlTokens({ text, broken }: { text: string; broken: boolean }): ReactNode {
  const tokens = useMemo(() => {
    const all = tokenizeSql(text.trim());
    return broken ? brokenAtClauses(all) : all;
  }, [text, broken]);
  return (
    <pre className="sql" tabIndex={0}>
      {tokens.map((token, index) =>
        token.kind === "space" || token.kind === "name" || token.kind === "symbol" ? (
          <Fragment key={index}>{visible(token.text)}</Fragment>
        ) : (
          <span key={index} className={`sql-${token.kind}`}>
            {visible(token.text)}
          </span>
        ),
      )}
    </pre>
  );
}
