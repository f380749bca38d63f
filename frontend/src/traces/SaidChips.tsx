import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { annotationsOf } from "../api/annotations";
import { plural } from "../format/numbers";
import { visible } from "../format/text";
import { chipsOf } from "../model/annotations";
import { Icon } from "../ui/Icon";

/** What was said of a trace and its steps, small: thumbs, tags, scores, and that there are notes. */
export function SaidChips({ traceId }: { traceId: string }): ReactNode {
  const said = useQuery({ queryKey: ["annotations", traceId], queryFn: () => annotationsOf(traceId), staleTime: 20_000, retry: false });
  if (!said.data || said.data.length === 0) return null;
  const { good, bad, tags, scores, notes } = chipsOf(said.data);
  return (
    <span className="said" data-testid="said">
      {good > 0 && (
        <span className="said-good" title={plural(good, "thumb up", "thumbs up")}>
          <Icon name="good" />
        </span>
      )}
      {bad > 0 && (
        <span className="said-bad" title={plural(bad, "thumb down", "thumbs down")}>
          <Icon name="bad" />
        </span>
      )}
      {[...tags, ...scores].slice(0, 4).map((words) => (
        <span key={words} className="tag">
          {visible(words.slice(0, 40))}
        </span>
      ))}
      {notes > 0 && (
        <span className="muted" title={plural(notes, "note")}>
          <Icon name="note" />
        </span>
      )}
    </span>
  );
}
