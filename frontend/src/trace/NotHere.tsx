import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { visible } from "../format/text";
import { listSearch } from "../traces/lastList";

interface Props {
  traceId: string;
  title: string;
  message: string;
}

export function NotHere({ traceId, title, message }: Props): ReactNode {
  return (
    <div className="blank">
      <h1>{title}</h1>
      <p className="mono">{visible(traceId.slice(0, 200))}</p>
      <p className="muted">{message}</p>
      <Link to="/" search={listSearch} className="button">
        To the traces
      </Link>
    </div>
  );
}
