import type { ReactNode } from "react";
import type { Span, TraceDetail } from "../api/types.gen";
import type { Tab } from "../model/tabs";
import { Attributes } from "./tabs/Attributes";
import { Changes } from "../lens/lazy";
import { Conversation } from "./tabs/Conversation";
import { Documents } from "./tabs/Documents";
import { Events } from "./tabs/Events";
import { InputOutput } from "./tabs/InputOutput";
import { Ledger } from "./tabs/Ledger";
import { Logs } from "./tabs/Logs";
import { Raw } from "./tabs/Raw";
import { SqlTab } from "./tabs/SqlTab";

interface Props {
  tab: Tab;
  span: Span;
  detail: TraceDetail;
  within: ReadonlySet<string>;
  onSelect: (spanId: string) => void;
}

export function TabContent({ tab, span, detail, within, onSelect }: Props): ReactNode {
  switch (tab) {
    case "conversation":
      return <Conversation span={span} />;
    case "changes":
      return <Changes span={span} />;
    case "documents":
      return <Documents documents={span.documents ?? []} />;
    case "sql":
      return <SqlTab span={span} />;
    case "io":
      return <InputOutput span={span} />;
    case "ledger":
      return <Ledger traceId={span.trace_id} ledger={detail.ledger} within={within} own={span.span_id} onSelect={onSelect} />;
    case "attributes":
      return <Attributes span={span} />;
    case "events":
      return <Events span={span} />;
    case "logs":
      return <Logs span={span} onSelect={onSelect} />;
    case "raw":
      return <Raw span={span} />;
  }
}
