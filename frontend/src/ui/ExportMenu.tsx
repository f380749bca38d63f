import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { exportAddress, type ExportFormat } from "../api/exchange";
import type { Params } from "../api/client";
import { Icon } from "./Icon";

const FORMATS: readonly (readonly [ExportFormat, string, string])[] = [
  ["jsonl", "JSON lines", "a record a line, with prompts and answers"],
  ["parquet", "Parquet", "for DuckDB, pandas, polars"],
  ["otlp", "OTLP JSON", "for any other backend, and to import here"],
];

interface Props {
  /** `/traces/export`, below the API's own path. */
  path: string;
  /** The list's filter and range, asked when a file is. */
  params?: () => Params;
  /** Further things to do, below the formats. */
  children?: ReactNode;
}

/** A button that opens the files that a list or a trace can be had as. */
export function ExportMenu({ path, params = () => ({}), children }: Props): ReactNode {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    window.addEventListener("pointerdown", outside);
    return () => window.removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <div
      className="export"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button ref={button} type="button" className="button" aria-expanded={open} aria-controls={id} title="Take this as a file" onClick={() => setOpen(!open)}>
        <Icon name="download" /> <span className="export-word">Export</span>
      </button>
      {open && (
        <ul className="export-menu" id={id}>
          {FORMATS.map(([format, name, what]) => (
            <li key={format}>
              <a href={exportAddress(path, format, params())} download onClick={() => setOpen(false)}>
                <b>{name}</b> <span className="muted">{what}</span>
              </a>
            </li>
          ))}
          {children && <li className="export-more" onClick={() => setOpen(false)}>{children}</li>}
        </ul>
      )}
    </div>
  );
}
