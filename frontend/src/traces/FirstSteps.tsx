import { useQuery } from "@tanstack/react-query";
import { useState, type KeyboardEvent, type ReactNode } from "react";
import { useLiveOpen } from "../api/hooks";
import { queries } from "../api/queries";
import { visible } from "../format/text";
import { keySteps, snippets } from "../model/snippets";
import { Code } from "../ui/Code";
import { ImportButton } from "./ImportDialog";

/** Before the first trace: how to send one. The page becomes the list when it arrives. */
export function FirstSteps(): ReactNode {
  const origin = window.location.origin;
  const open = useLiveOpen();
  const { data: login } = useQuery(queries.login());
  const project = login?.project ?? "default";
  const all = snippets(origin);
  const [chosen, setChosen] = useState(0);
  const shown = all[chosen];
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = (chosen + by + all.length) % all.length;
    setChosen(next);
    document.getElementById(`way-${next}`)?.focus();
  };
  return (
    <div className="first-steps">
      <h1>No traces yet</h1>
      <p>
        This server takes OpenTelemetry traces, logs and metrics at <code>{origin}</code>, and LangSmith&apos;s protocol at{" "}
        <code>{origin}/langsmith</code>. Send something in any of these ways, and this page turns into the list.
      </p>
      <div className="segments ways" role="tablist" aria-label="Ways to send a trace" onKeyDown={onKeyDown}>
        {all.map((snippet, place) => (
          <button
            key={snippet.name}
            id={`way-${place}`}
            type="button"
            role="tab"
            aria-selected={place === chosen}
            aria-pressed={undefined}
            aria-controls="way"
            tabIndex={place === chosen ? 0 : -1}
            onClick={() => setChosen(place)}
          >
            {snippet.name}
          </button>
        ))}
      </div>
      {shown && (
        <div id="way" role="tabpanel" aria-labelledby={`way-${chosen}`} className="way">
          {shown.first && <Code label="First" text={shown.first} />}
          <Code label={shown.label} text={shown.text} />
        </div>
      )}
      {(login?.required === true || project !== "default") && (
        <>
          <p>A sender shows a key of the project, which is made on the server:</p>
          <Code label="Shell" text={keySteps(visible(project))} />
        </>
      )}
      <p>
        <ImportButton /> of OTLP JSON, such as the collector&apos;s file exporter writes.
      </p>
      <p className="muted waiting" role="status">
        <span className={`live-dot ${open ? "on" : "slow"}`} aria-hidden="true" />
        {open ? "Waiting for the first trace" : "Asking every five seconds"}
      </p>
      <p className="muted">
        Nothing arrives? <code>llm-tracing doctor</code> says why.
      </p>
    </div>
  );
}
