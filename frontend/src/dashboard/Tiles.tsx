import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import type { StatsRow } from "../api/types.gen";
import { Money } from "../board/Money";
import type { Board } from "../board/useBoard";
import { formatDuration } from "../format/duration";
import { formatCount, formatTokens } from "../format/numbers";
import { deltaText, share } from "../model/delta";
import { previousOf } from "../model/window";

/** The figures of the whole range, each against the same length of time before. */
export function Tiles({ board, total }: { board: Board; total: StatsRow }): ReactNode {
  const calls = useQuery(boards.stats({ ...board.chosen, over: "calls" })).data?.rows[0];
  const before = previousOf(board.bounds, board.nowMs);
  const earlier = { q: board.chosen.q, since: before?.since?.toString(), until: before?.until?.toString() };
  const then = useQuery({ ...boards.stats({ ...earlier, over: "traces" }), enabled: before !== undefined });
  const callsThen = useQuery({ ...boards.stats({ ...earlier, over: "calls" }), enabled: before !== undefined });
  const old = before === undefined ? undefined : then.data?.rows[0];
  const oldCalls = before === undefined ? undefined : callsThen.data?.rows[0];
  const number = (text: string | null | undefined): number | null => (text === null || text === undefined ? null : Number(text));
  const delta = (now: number | null, past: number | null): string | null => (old ? deltaText(now, past) : null);
  return (
    <dl className="tiles" aria-label="The whole range">
      <Tile name="Traces" delta={delta(total.count, old?.count ?? null)}>
        {formatCount(total.count)}
      </Tile>
      <Tile name="Failed" delta={old && old.count > 0 ? `${share(old.error_count, old.count)} before` : null} bad={total.error_count > 0}>
        {formatCount(total.error_count)} <small>{share(total.error_count, total.count)}</small>
      </Tile>
      <Tile name="Latency p95" delta={delta(number(total.duration_p95_ns), number(old?.duration_p95_ns))}>
        {formatDuration(total.duration_p95_ns)} <small>p50 {formatDuration(total.duration_p50_ns)}</small>
      </Tile>
      <Tile name="First token p50" delta={delta(number(calls?.time_to_first_token_p50_ns), number(oldCalls?.time_to_first_token_p50_ns))}>
        {formatDuration(calls?.time_to_first_token_p50_ns)}{" "}
        <small>{calls && calls.streamed_count > 0 ? `p95 ${formatDuration(calls.time_to_first_token_p95_ns)}` : "no call streamed"}</small>
      </Tile>
      <Tile name="LLM calls" delta={delta(calls?.count ?? 0, oldCalls?.count ?? 0)}>
        {formatCount(calls?.count ?? 0)} <small>{formatCount(calls?.error_count ?? 0)} failed</small>
      </Tile>
      <Tile name="Tokens" delta={delta(total.usage.total_tokens, old?.usage.total_tokens ?? null)}>
        {formatTokens(total.usage.total_tokens)}
      </Tile>
      <Tile name="Cost" delta={delta(number(total.cost.total_usd), number(old?.cost.total_usd))}>
        <Money cost={total.cost} />
      </Tile>
    </dl>
  );
}

interface TileProps {
  name: string;
  delta: string | null;
  bad?: boolean;
  children: ReactNode;
}

function Tile({ name, delta, bad = false, children }: TileProps): ReactNode {
  return (
    <div className="tile" data-testid={`tile-${name.toLowerCase().replace(/\s+/g, "-")}`}>
      <dt className="muted">{name}</dt>
      <dd className={bad ? "error-text" : ""}>
        {children}
        {delta !== null && (
          <span className="tile-delta muted" title="Against the same length of time before">
            {delta}
          </span>
        )}
      </dd>
    </div>
  );
}
