import { lazy, Suspense, type ReactNode } from "react";
import { PlainText } from "./JsonTree";

// Parser and sanitizer are a tenth of the script, and no page needs them for its first rows.
const Rendered = lazy(() => import("./RenderedMarkdown"));

/** Hostile text set as Markdown; as plain text for the moment until the renderer is here. */
export function Markdown({ text }: { text: string }): ReactNode {
  return (
    <Suspense fallback={<PlainText text={text} />}>
      <Rendered text={text} />
    </Suspense>
  );
}
