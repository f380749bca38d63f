import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api } from "../api/client";
import { queries } from "../api/queries";
import type { KeptError } from "../api/types.gen";
import { formatBytes, formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { Icon } from "../ui/Icon";
import { Failure } from "../ui/Notice";
import { toast } from "../ui/toast";

/** Refused requests with their bytes: to look at, to send again once what refused them has changed, to forget. */
export function KeptErrors(): ReactNode {
  const kept = useQuery(queries.keptErrors());
  const client = useQueryClient();
  const [answers, setAnswers] = useState<ReadonlyMap<string, string>>(new Map());
  const changed = (): Promise<void> => client.invalidateQueries({ queryKey: ["doctor"] });
  const replay = useMutation({
    mutationFn: (error: KeptError) => api.replay(error.error_id),
    onSuccess: (answer, error) => {
      if (answer?.taken) toast("Taken and stored");
      else setAnswers((before) => new Map(before).set(error.error_id, answer?.message || "Refused again."));
      return changed();
    },
    onError: (failure, error) => setAnswers((before) => new Map(before).set(error.error_id, failure.message)),
  });
  const forget = useMutation({
    mutationFn: (error: KeptError | null) => (error ? api.forgetError(error.error_id) : api.forgetErrors()),
    onSuccess: changed,
    onError: (failure) => toast(`Not forgotten: ${failure.message}`),
  });
  if (kept.isError && !kept.data) return <Failure error={kept.error} onRetry={() => void kept.refetch()} />;
  const errors = kept.data?.errors ?? [];
  if (errors.length === 0) return null;
  return (
    <section aria-labelledby="refused-title">
      <div className="doctor-bar">
        <h2 id="refused-title">Refused requests</h2>
        <button type="button" className="button" disabled={forget.isPending} onClick={() => forget.mutate(null)}>
          Forget all
        </button>
      </div>
      <ul className="refused">
        {errors.map((error) => (
          <li key={error.error_id}>
            <Refused error={error} answer={answers.get(error.error_id)} />
            <Actions error={error} busy={replay.isPending || forget.isPending} onReplay={() => replay.mutate(error)} onForget={() => forget.mutate(error)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refused({ error, answer }: { error: KeptError; answer: string | undefined }): ReactNode {
  return (
    <div className="refused-what">
      <p>
        <span className="status-error">
          <Icon name="error" />
        </span>
        <b>{visible(error.sender)}</b>
        <span className="tag">{error.reason.replaceAll("_", " ")}</span>
        <span className="muted" title={formatExactTime(error.time_unix_nano)}>
          {formatTime(error.time_unix_nano)} · {error.method} {visible(error.path)} · {error.status}
          {error.more > 0 && ` · and ${formatCount(error.more)} more right after`}
        </span>
      </p>
      <p className="refused-message">{visible(error.message)}</p>
      <p role="status" className={answer ? "refused-answer" : "hidden-text"}>
        {answer && `Sent again: ${visible(answer)}`}
      </p>
    </div>
  );
}

interface ActionsProps {
  error: KeptError;
  busy: boolean;
  onReplay: () => void;
  onForget: () => void;
}

function Actions({ error, busy, onReplay, onForget }: ActionsProps): ReactNode {
  const kept = error.payload_bytes !== null;
  return (
    <div className="refused-actions">
      {kept ? (
        <a className="button" href={`/api/v1/doctor/errors/${error.error_id}/payload`} download>
          <Icon name="download" />
          {formatBytes(error.payload_bytes ?? 0)}
        </a>
      ) : (
        <span className="muted">Payload not kept: too large</span>
      )}
      {kept && (
        <button type="button" className="button" disabled={busy} title="Run it through the receiver again, after a limit or a mapping has changed" onClick={onReplay}>
          <Icon name="again" />
          Replay
        </button>
      )}
      <button type="button" className="button-quiet" aria-label="Forget it" title="Forget it" disabled={busy} onClick={onForget}>
        <Icon name="close" />
      </button>
    </div>
  );
}
