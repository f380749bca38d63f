import { useEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode } from "react";
import type { Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { minimapMarks } from "../model/minimap";
import type { Axis } from "../model/waterfall";
import { fitted, isWhole } from "../model/zoom";
import { useTheme } from "../ui/theme";
import type { Zoom } from "./useZoom";

const HEIGHT = 30;
const LANES = 6;
/** A drag shorter than this is a click: it moves the window there. */
const CLICK = 0.006;

interface Props {
  spans: readonly Span[];
  axis: Axis;
  zoom: Zoom;
}

/** The whole trace on one line, with the window that the rows show. Drawing a stretch looks closer at it. */
export function Minimap({ spans, axis, zoom }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = useTheme();
  const marks = useMemo(() => (width > 0 ? minimapMarks(spans, axis, LANES, width) : []), [spans, axis, width]);
  const [drawn, setDrawn] = useState<{ from: number; to: number } | null>(null);
  const moving = useRef<{ at: number; from: number } | null>(null);
  const { window } = zoom;

  useEffect(() => {
    const element = canvas.current;
    const brush = element?.getContext("2d");
    if (!element || !brush || width === 0) return;
    const scale = globalThis.devicePixelRatio || 1;
    element.width = width * scale;
    element.height = HEIGHT * scale;
    brush.scale(scale, scale);
    const colours = new Map<string, string>();
    const lane = HEIGHT / LANES;
    for (const mark of marks) {
      brush.fillStyle = colourOf(element, mark.failed ? "error" : mark.kind, colours);
      brush.fillRect(mark.left * width, mark.lane * lane + 1, Math.max(1, mark.width * width), lane - 1.5);
    }
  }, [marks, width, theme]);

  const shareAt = (event: PointerEvent): number => {
    const edge = box.current?.getBoundingClientRect();
    return edge && edge.width > 0 ? Math.min(1, Math.max(0, (event.clientX - edge.left) / edge.width)) : 0;
  };
  const down = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = shareAt(event);
    // Inside a window that is a part, a drag moves it; anywhere else it draws another one.
    if (!isWhole(window) && at >= window.from && at <= window.to) moving.current = { at, from: window.from };
    else setDrawn({ from: at, to: at });
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const at = shareAt(event);
    if (drawn) setDrawn({ from: drawn.from, to: at });
    else if (moving.current) {
      const from = moving.current.from + at - moving.current.at;
      zoom.set(fitted({ from, to: from + window.to - window.from }, axis.lengthNs));
    }
  };
  const up = (): void => {
    moving.current = null;
    if (!drawn) return;
    setDrawn(null);
    const [from, to] = [Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to)];
    const half = (window.to - window.from) / 2;
    if (to - from >= CLICK) zoom.set(fitted({ from, to }, axis.lengthNs));
    else if (!isWhole(window)) zoom.set(fitted({ from: from - half, to: from + half }, axis.lengthNs));
  };

  const shown = drawn ? { from: Math.min(drawn.from, drawn.to), to: Math.max(drawn.from, drawn.to) } : window;
  return (
    <div
      className="minimap"
      ref={box}
      role="img"
      aria-label={`The whole trace, ${formatDuration(axis.lengthNs)}; shown are ${formatDuration((window.to - window.from) * axis.lengthNs)} from ${formatDuration(window.from * axis.lengthNs)}`}
      data-testid="minimap"
      title="Drag to look closer at a part; double click for the whole"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => setDrawn(null)}
      onDoubleClick={zoom.reset}
    >
      <canvas ref={canvas} />
      {!isWhole(shown) && (
        <>
          <span className="minimap-shade" style={{ left: 0, width: `${shown.from * 100}%` }} />
          <span className="minimap-shade" style={{ left: `${shown.to * 100}%`, right: 0 }} />
          <span className="minimap-window" data-testid="minimap-window" style={{ left: `${shown.from * 100}%`, width: `max(3px, ${(shown.to - shown.from) * 100}%)` }} />
        </>
      )}
    </div>
  );
}

/** The colour of a kind as the style sheet has it. */
function colourOf(element: Element, kind: string, known: Map<string, string>): string {
  const found = known.get(kind);
  if (found) return found;
  const probe = document.createElement("span");
  probe.className = kind === "error" ? "minimap-error" : `minimap-probe kind-${kind}`;
  element.parentElement?.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  known.set(kind, colour);
  return colour;
}

function useWidth(box: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
