import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { access } from "../api/access";
import { boards } from "../api/boards";
import { queries } from "../api/queries";
import type { ServerState } from "../api/types.gen";
import { formatBytes } from "../format/numbers";
import { visible } from "../format/text";
import { missingWhy } from "../model/storeNotice";
import { keptFor, settingOf, type Age } from "../model/project";

/** Which project is shown, and what it has of its own: how long what is kept, its prices. */
export function ProjectSettings({ state }: { state: ServerState }): ReactNode {
  const { data: login } = useQuery(queries.login());
  const { data: store } = useQuery(boards.store());
  const { settings, project } = state;
  const size = settingOf(settings, "MAX_SIZE");
  const kept = (name: Age): string => (store === undefined ? "…" : keptFor(settings, name, store.kind));
  return (
    <section aria-label="Project">
      <h2>Project</h2>
      <p>
        <code>{visible(project)}</code>
        {project === "default" ? ": the data folder itself, with the settings of the server." : ", opened by keys of its own."}
      </p>
      <dl className="facts">
        <Fact name="Traces kept" value={kept("KEEP_DAYS")} />
        <Fact name="Logs kept" value={kept("KEEP_DAYS_LOGS")} />
        <Fact name="Metrics kept" value={kept("KEEP_DAYS_METRICS")} />
        <Fact name={store?.kind === "lgtm" ? "At most of what was read" : "At most"} value={size === null || size === "0" ? "no limit" : formatBytes(Number(size))} />
        <Fact name="Prices" value={settingOf(settings, "PRICES") === null ? "the public list" : "a file, then the public list"} />
        <Fact name="Redaction" value={settingOf(settings, "REDACT") === null ? "none" : "on"} />
      </dl>
      {login !== undefined && !login.by_cookie && store !== undefined && missingWhy(store, "projects") === null && (
        <p>
          <button type="button" className="button" onClick={() => access.refused()}>
            Show another project
          </button>
        </p>
      )}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dt className="muted">{name}</dt>
      <dd>{visible(value)}</dd>
    </div>
  );
}
