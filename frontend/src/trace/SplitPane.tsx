import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { useKeys } from "../ui/useKeys";

const STORED = "llm-tracing.split";
const LEAST = 25;
const MOST = 75;
const USUAL = 57;

function stored(): number {
  try {
    const value = Number(localStorage.getItem(STORED));
    return value >= LEAST && value <= MOST ? value : USUAL;
  } catch {
    return USUAL;
  }
}

interface Props {
  children: ReactNode;
  second: ReactNode;
  /** The second pane slides over the first one. */
  covers: boolean;
}

/** Two panes; the line between them is dragged, or moved with the arrow keys. */
export function SplitPane({ children, second, covers }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(stored);
  useEffect(() => {
    try {
      localStorage.setItem(STORED, String(share));
    } catch {
      // No storage: the width lasts as long as the page.
    }
  }, [share]);
  const set = (value: number): void => setShare(Math.min(MOST, Math.max(LEAST, value)));
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const edge = box.current?.getBoundingClientRect();
    if (!edge || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(((event.clientX - edge.left) / edge.width) * 100);
  };
  useKeys({ wider: () => set(share + 4), narrower: () => set(share - 4) });
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowLeft" ? -2 : event.key === "ArrowRight" ? 2 : 0;
    if (by === 0) return;
    event.preventDefault();
    set(share + by);
  };
  const split = !covers && second;
  return (
    <div className="split" data-covers={covers} ref={box} style={split ? { gridTemplateColumns: `${share}% 7px minmax(0, 1fr)` } : undefined}>
      <div className="split-first">{children}</div>
      {split && (
        <div
          className="split-line"
          role="separator"
          aria-orientation="vertical"
          aria-label="Width of the tree"
          aria-valuenow={Math.round(share)}
          aria-valuemin={LEAST}
          aria-valuemax={MOST}
          tabIndex={0}
          onKeyDown={onKey}
          onDoubleClick={() => set(USUAL)}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
        />
      )}
      {second && <div className="split-second">{second}</div>}
    </div>
  );
}
