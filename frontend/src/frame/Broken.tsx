import type { ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Failure } from "../ui/Notice";

/** A page that failed to draw: the frame stays, the error is told, and the page can be drawn again. */
export function Broken({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <div className="blank">
      <h1>This page could not be drawn</h1>
      <Failure error={error} onRetry={reset} />
    </div>
  );
}
