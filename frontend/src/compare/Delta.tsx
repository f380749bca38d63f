import type { ReactNode } from "react";
import type { DeltaText } from "../model/deltas";

export function Delta({ text, tone, title }: DeltaText): ReactNode {
  return (
    <span className={`delta delta-${tone} number`} title={title}>
      {text}
    </span>
  );
}
