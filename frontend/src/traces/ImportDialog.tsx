import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { exchange } from "../api/exchange";
import type { ImportReport } from "../api/types.gen";
import { formatBytes, formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { Icon } from "../ui/Icon";
import { Failure } from "../ui/Notice";

interface Done {
  name: string;
  report?: ImportReport;
  error?: Error;
}

let shown = false;
const listeners = new Set<() => void>();

function show(open: boolean): void {
  shown = open;
  for (const listener of listeners) listener();
}

/** A button that opens the dialog in which files are dropped or chosen. */
export function ImportButton({ children = "Import a file" }: { children?: ReactNode }): ReactNode {
  return (
    <button type="button" className="button" onClick={() => show(true)}>
      <Icon name="upload" /> {children}
    </button>
  );
}

/** Where the dialog stands: beside the pages, since the first import turns the page that asked for it into another. */
export function ImportHost(): ReactNode {
  const open = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => shown,
  );
  return open && <ImportDialog onClose={() => show(false)} />;
}

/** Files of OTLP JSON, or JSON lines of an export, into the store; what was not understood is told by its line. */
function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [done, setDone] = useState<readonly Done[]>([]);
  useEffect(() => dialog.current?.showModal(), []);

  const take = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      setBusy(`${file.name}, ${formatBytes(file.size)}`);
      const one = await exchange.importFile(file).then(
        (report): Done => ({ name: file.name, report }),
        (error: unknown): Done => ({ name: file.name, error: error instanceof Error ? error : new Error(String(error)) }),
      );
      setDone((before) => [...before, one]);
    }
    setBusy(null);
    void client.invalidateQueries();
  };
  return (
    <dialog ref={dialog} className="import" aria-labelledby="import-title" onClose={onClose}>
      <h2 id="import-title">Import</h2>
      <div
        className="import-drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (busy === null) void take([...event.dataTransfer.files]);
        }}
      >
        <p>OTLP JSON as the collector's file exporter writes it, or JSON lines exported here; plain, gzip or zstd.</p>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files to import"
          onChange={(event) => {
            void take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <button type="button" className="button" disabled={busy !== null} onClick={() => input.current?.click()}>
          <Icon name="upload" /> Choose files
        </button>
        <p className="muted" role="status">{busy === null ? "or drop them here" : `Reading ${visible(busy)}`}</p>
      </div>
      {done.length > 0 && (
        <div className="import-done" data-testid="import-done">
          {done.map((one, at) => (
            <Result key={at} done={one} />
          ))}
        </div>
      )}
      <div className="import-end">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function Result({ done: { name, report, error } }: { done: Done }): ReactNode {
  if (!report) return <Failure error={error} />;
  const read = [
    report.spans > 0 && plural(report.spans, "span"),
    report.log_records > 0 && plural(report.log_records, "log record"),
    report.data_points > 0 && plural(report.data_points, "data point"),
  ].filter(Boolean);
  return (
    <div>
      <p>
        <Icon name={report.error_count > 0 ? "warning" : "ok"} /> <b>{visible(name)}</b>: {read.join(", ") || "nothing"} of {plural(report.lines, "line")}
      </p>
      {report.error_count > 0 && (
        <ol className="error-text">
          {report.errors.map((problem, at) => (
            <li key={at}>
              line {formatCount(problem.line)}: {visible(problem.message)}
            </li>
          ))}
          {report.error_count > report.errors.length && <li>and {formatCount(report.error_count - report.errors.length)} more</li>}
        </ol>
      )}
    </div>
  );
}
