import { useState, type ReactNode } from "react";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { guessField, mappingFile, mappingLine, type Unmapped as Attribute } from "../model/doctor";
import { Code } from "../ui/Code";
import { Copy } from "../ui/Copy";

const AT_ONCE = 20;

/** Attributes that nobody reads, with the lines that map them. */
export function Unmapped({ unmapped }: { unmapped: readonly Attribute[] }): ReactNode {
  const [all, setAll] = useState(false);
  if (unmapped.length === 0) return null;
  const shown = all ? unmapped : unmapped.slice(0, AT_ONCE);
  return (
    <section aria-labelledby="unmapped-title">
      <h2 id="unmapped-title">Attributes that nobody reads</h2>
      <p className="muted">
        They are kept and shown as they came. What one means can be said in a file that <code>LLM_TRACING_MAPPINGS</code> names:
        attribute, then field. Fields here are guesses by name.
      </p>
      <div className="unmapped">
        <div className="scroll-x" tabIndex={0} role="region" aria-labelledby="unmapped-title">
          <table>
            <thead>
              <tr>
                <th scope="col">Attribute</th>
                <th scope="col" className="number">
                  Spans
                </th>
                <th scope="col">Sent by</th>
                <th scope="col">Perhaps</th>
                <th scope="col">
                  <span className="hidden-text">Copy</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.attribute}>
                  <th scope="row" className="mono">
                    {visible(one.attribute)}
                  </th>
                  <td className="number">{formatCount(one.spans)}</td>
                  <td>{visible(one.senders.join(", "))}</td>
                  <td className="mono">{guessField(one.attribute) ?? <span className="muted">–</span>}</td>
                  <td className="number">
                    <Copy text={mappingLine(one)} label={`Copy the line that maps ${one.attribute}`} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {shown.length < unmapped.length && (
            <button type="button" className="button show-all" onClick={() => setAll(true)}>
              Show all {formatCount(unmapped.length)}
            </button>
          )}
        </div>
        <Code label="mappings.yaml" text={mappingFile(shown)} />
      </div>
    </section>
  );
}
