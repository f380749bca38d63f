import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import type { Doctor } from "../api/types.gen";
import { formatCount, plural } from "../format/numbers";
import { formatTime } from "../format/time";
import { DEFAULT_WINDOW, longerWindow, shownSenders, unmappedOf, windowSeconds } from "../model/doctor";
import { RANGES, rangeLabel, type RangeName } from "../model/range";
import { listSearch } from "../traces/lastList";
import { Code } from "../ui/Code";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { Findings } from "./Findings";
import { KeptErrors } from "./KeptErrors";
import { Senders } from "./Senders";
import { Unmapped } from "./Unmapped";

const route = getRouteApi("/doctor");

/** What senders send and what becomes of it: what is wrong first, then who sends, what was refused, what nobody reads. */
export function DoctorPage(): ReactNode {
  const window = route.useSearch().window ?? DEFAULT_WINDOW;
  const navigate = useNavigate({ from: "/doctor" });
  const client = useQueryClient();
  const report = useQuery(queries.doctor(windowSeconds(window)));
  const choose = (name: RangeName): void =>
    void navigate({ search: { window: name === DEFAULT_WINDOW ? undefined : name }, replace: true });
  useTitle("Doctor");
  useKeys({
    longerWindow: () => choose(longerWindow(window)),
    readAgain: () => void client.invalidateQueries({ queryKey: ["doctor"] }),
    leaveDoctor: () => void navigate({ to: "/", search: listSearch() }),
  });
  return (
    <div className="doctor">
      <header className="doctor-header">
        <h1>Doctor</h1>
        {report.data && <Extent report={report.data} />}
        <div className="segments" role="group" aria-label="How far back the store is looked at">
          {RANGES.map(({ name }) => (
            <button key={name} type="button" aria-pressed={name === window} title={`${rangeLabel({ since: name })} (w)`} onClick={() => choose(name)}>
              {name}
            </button>
          ))}
        </div>
      </header>
      {report.isPending && <Skeleton rows={8} tall />}
      {report.isError && !report.data && <Failure error={report.error} onRetry={() => void report.refetch()} />}
      {report.data && <Report report={report.data} />}
    </div>
  );
}

function Extent({ report }: { report: Doctor }): ReactNode {
  const all = report.looked_at === report.span_count;
  const trees = all ? plural(report.span_count, "span") : `the newest ${formatCount(report.looked_at)} of ${plural(report.span_count, "span")}`;
  return (
    <p className="muted">
      Counts since {formatTime(report.since_unix_nano)}; trees of {trees}
    </p>
  );
}

function Report({ report }: { report: Doctor }): ReactNode {
  const senders = shownSenders(report.senders);
  return (
    <>
      {senders.length === 0 ? <Nobody /> : <Findings findings={report.findings} />}
      {senders.length > 0 && <Senders senders={senders} nowNs={report.now_unix_nano} />}
      <KeptErrors />
      <Unmapped unmapped={unmappedOf(senders)} />
    </>
  );
}

/** Nobody has sent anything: what finds out why. */
function Nobody(): ReactNode {
  const origin = window.location.origin;
  return (
    <section className="doctor-nobody" aria-label="Nobody sends">
      <h2>Nobody has sent anything yet</h2>
      <p>
        This server takes OpenTelemetry at <code>{origin}</code> and LangSmith's runs at <code>{origin}/langsmith</code>. If an app
        runs and nothing shows, run the doctor beside it: it looks at the ports, the variables and the app itself.
      </p>
      <Code label="Shell" text={`llm-tracing doctor --endpoint ${origin}\nllm-tracing doctor -- python app.py`} />
    </section>
  );
}
