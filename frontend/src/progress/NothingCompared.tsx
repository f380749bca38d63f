import type { ReactNode } from "react";
import { Code } from "../ui/Code";

/** Before the first comparison: the command that makes one. The page becomes the table when it has run. */
export function NothingCompared(): ReactNode {
  return (
    <div className="first-steps">
      <h1>Nothing compared yet</h1>
      <p>
        One question under every approach to observing the same service, from plain log lines to OpenTelemetry: what each lets
        you see, and what it costs. This page turns into the table when the command has run, in about a minute.
      </p>
      <Code label="Shell" text={`llm-tracing compare "list the most popular albums"`} />
      <p className="muted">It asks the offline model and needs no key.</p>
    </div>
  );
}
