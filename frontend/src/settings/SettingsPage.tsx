import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, type ReactNode } from "react";
import { boards } from "../api/boards";
import { queries } from "../api/queries";
import type { ServerState } from "../api/types.gen";
import { formatBytes, formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatTime } from "../format/time";
import { Failure, Skeleton } from "../ui/Notice";
import { toggleTheme, useTheme } from "../ui/theme";
import { useTitle } from "../ui/useTitle";
import { PriceSettings } from "./PriceSettings";
import { ProjectSettings } from "./ProjectSettings";
import { StoreSection } from "./StoreSection";

const FoldRulesDialog = lazy(() => import("../trace/FoldRulesDialog"));
const route = getRouteApi("/settings");

/** What the server runs with, for reading: settings are changed where it is started. */
export function SettingsPage(): ReactNode {
  const found = useQuery(boards.settings());
  useTitle("Settings");
  return (
    <div className="doctor settings">
      <header className="doctor-header">
        <h1>Settings</h1>
        {found.data && <p className="muted">LLM Tracing {visible(found.data.version)}</p>}
      </header>
      <Appearance />
      {found.isPending && <Skeleton rows={10} tall />}
      {found.error && !found.data && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <>
          <ProjectSettings state={found.data} />
          <StoreSection />
          <Stored store={found.data.store} />
          <Folding />
          <PriceSettings prices={found.data.prices} />
          <Variables settings={found.data.settings} />
        </>
      )}
    </div>
  );
}

function Appearance(): ReactNode {
  const theme = useTheme();
  return (
    <section aria-label="Appearance">
      <h2>Appearance</h2>
      <div className="segments" role="group" aria-label="Theme">
        {(["light", "dark"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={theme === one} onClick={() => theme !== one && toggleTheme()}>
            {one}
          </button>
        ))}
      </div>
    </section>
  );
}

function Folding(): ReactNode {
  const { data } = useQuery(queries.foldRules());
  const { rules } = route.useSearch();
  const navigate = useNavigate({ from: "/settings" });
  return (
    <section aria-label="Folding rules">
      <h2>Folding rules</h2>
      <p>
        {data ? `${plural(data.rules.length, "rule")} ${data.rules.length === 1 ? "folds" : "fold"}` : "Rules fold"} infrastructure into badges, in every trace.{" "}
        <Link to="/settings" search={{ rules: "open" }}>
          See and change them
        </Link>
      </p>
      {rules === "open" && (
        <Suspense>
          <FoldRulesDialog onClose={() => void navigate({ search: {}, replace: true })} />
        </Suspense>
      )}
    </section>
  );
}

const NAMES: Record<string, string> = {
  traces: "Traces",
  spans: "Spans",
  calls: "Counted calls",
  logs: "Log records",
  metric_points: "Metric points",
  annotations: "Annotations",
  payloads: "Texts",
};

function Stored({ store }: { store: ServerState["store"] }): ReactNode {
  return (
    <section aria-label="Stored" data-testid="stored">
      <h2>Stored</h2>
      <p>
        {formatBytes(store.size_bytes)} in <code>{visible(store.folder)}</code>
        {store.first_time_unix_nano !== null && store.last_time_unix_nano !== null && (
          <>
            , traces from {formatTime(store.first_time_unix_nano)} to {formatTime(store.last_time_unix_nano)}
          </>
        )}
        . Schema {store.schema_version}. <Link to="/doctor">What senders send</Link>
      </p>
      <dl className="facts">
        {Object.entries(store.rows).map(([table, rows]) => (
          <div key={table}>
            <dt className="muted">{NAMES[table] ?? table}</dt>
            <dd>{formatCount(rows)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Variables({ settings }: { settings: ServerState["settings"] }): ReactNode {
  return (
    <section aria-label="Settings of the server">
      <h2>The server runs with</h2>
      <p className="muted">
        Set these in the environment of <code>llm-tracing serve</code> or <code>demo</code>, or with the flag of the same name, and start it again.
      </p>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Variables">
        <table className="variables">
          <thead>
            <tr>
              <th scope="col">Variable</th>
              <th scope="col">Value</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {settings.map((setting) => (
              <tr key={setting.variable}>
                <th scope="row">
                  <code>{setting.variable}</code>
                </th>
                <td>
                  {setting.value === null ? <span className="muted">unset</span> : <code>{visible(setting.value)}</code>}
                  {setting.of_project ? <span className="tag changed">of the project</span> : !setting.is_default && <span className="tag changed">set</span>}
                </td>
                <td className="muted">{setting.meaning.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
