import type { ReactNode } from "react";
import type { LedgerLine, LinkedSpan, Span } from "../api/types.gen";
import type { Tab } from "../model/tabs";
import { Skeleton } from "../ui/Notice";
import { Attributes } from "./tabs/Attributes";
import { Changes } from "../lens/lazy";
import { Conversation } from "./tabs/Conversation";
import { Documents } from "./tabs/Documents";
import { Events } from "./tabs/Events";
import { InputOutput } from "./tabs/InputOutput";
import { Ledger } from "./tabs/Ledger";
import { Links } from "./tabs/Links";
import { Logs } from "./tabs/Logs";
import { Raw } from "./tabs/Raw";
import { SqlTab } from "./tabs/SqlTab";

interface Props {
  tab: Tab;
  span: Span;
  /** undefined until it is read. */
  ledger: readonly LedgerLine[] | undefined;
  linkedFrom: readonly LinkedSpan[];
  within: ReadonlySet<string>;
  onSelect: (spanId: string) => void;
}

export function TabContent({ tab, span, ledger, linkedFrom, within, onSelect }: Props): ReactNode {
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
      return ledger ? <Ledger traceId={span.trace_id} ledger={ledger} within={within} own={span.span_id} onSelect={onSelect} /> : <Skeleton rows={4} />;
    case "attributes":
      return <Attributes span={span} />;
    case "events":
      return <Events span={span} />;
    case "logs":
      return <Logs span={span} onSelect={onSelect} />;
    case "links":
      return <Links span={span} from={linkedFrom} />;
    case "raw":
      return <Raw span={span} />;
  }
}
