import type { ReactNode } from "react";
import { Code } from "../ui/Code";

const SNIPPET = `import logging
import llm_tracing

llm_tracing.configure("my-service")
logging.getLogger(__name__).warning("hello")`;

/** Nothing came yet: what to do. */
export function NoLogs(): ReactNode {
  return (
    <div className="blank">
      <h2>No logs yet</h2>
      <p className="muted">Any sender of OTLP logs will do. In Python this sends what the logging module gets; <code>llm-tracing run -- python app.py</code> needs no code.</p>
      <div className="blank-code">
        <Code text={SNIPPET} label="Python" />
      </div>
    </div>
  );
}
