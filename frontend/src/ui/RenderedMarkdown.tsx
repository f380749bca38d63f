import { memo, useMemo, type ReactNode } from "react";
import { renderMarkdown } from "./renderMarkdown";

export default memo(function RenderedMarkdown({ text }: { text: string }): ReactNode {
  const html = useMemo(() => renderMarkdown(text), [text]);
  return <div className="markdown" dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
});
