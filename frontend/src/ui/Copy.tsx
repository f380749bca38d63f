import { useEffect, useState, type ReactNode } from "react";
import { Icon } from "./Icon";

/** Copies text; where the clipboard is closed (plain HTTP on another host) through a hidden field. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "hidden-text";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

interface Props {
  text: string | (() => string);
  label: string;
  /** Words beside the icon. */
  children?: ReactNode;
}

export function Copy({ text, label, children }: Props): ReactNode {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), 1500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => {
    setState((await copyText(typeof text === "string" ? text : text())) ? "done" : "failed");
  };
  return (
    <button type="button" className="copy button-quiet" title={label} aria-label={label} onClick={() => void copy()}>
      <Icon name={state === "done" ? "ok" : state === "failed" ? "error" : "copy"} />
      {children}
      <span className="hidden-text" role="status">
        {state === "done" ? "Copied" : state === "failed" ? "Could not copy" : ""}
      </span>
    </button>
  );
}
