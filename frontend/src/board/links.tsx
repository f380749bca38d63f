import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Behind } from "../model/behind";

/** To the traces behind a figure. */
export function TracesLink({ to, children, label }: { to: Behind; children: ReactNode; label?: string }): ReactNode {
  return (
    <Link to="/" search={to} aria-label={label}>
      {children}
    </Link>
  );
}
