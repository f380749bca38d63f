import { useEffect, useRef, type RefObject } from "react";
import { isWhole } from "../model/zoom";
import type { Zoom } from "./useZoom";

const WHEEL = 0.0016;
/** A pointer that moved less than this many pixels has clicked. */
const DRAG = 4;

/**
 * On the time axis: the wheel with Ctrl (or a pinch) looks closer at the place under the pointer, over the head of the
 * axis without it too; Shift or a sideways wheel moves along, and so does dragging the bars.
 */
export function useAxisGestures(scroller: RefObject<HTMLElement | null>, zoom: Zoom): void {
  const current = useRef(zoom);
  useEffect(() => {
    current.current = zoom;
  });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const axis = (): DOMRect | undefined => element.querySelector(".tree-axis .axis")?.getBoundingClientRect();
    const onWheel = (event: WheelEvent): void => {
      const edge = axis();
      const over = event.target instanceof Element ? event.target : null;
      if (!edge || edge.width === 0) return;
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const closer = event.ctrlKey || event.metaKey || (over?.closest(".tree-axis") !== null && !sideways);
      if (!closer && (!sideways || isWhole(current.current.window))) return;
      event.preventDefault();
      if (closer) {
        const at = Math.min(1, Math.max(0, (event.clientX - edge.left) / edge.width));
        current.current.by(Math.exp(event.deltaY * WHEEL), at);
      } else {
        current.current.pan((event.deltaX || event.deltaY) / edge.width);
      }
    };
    let from: { x: number; dragging: boolean } | null = null;
    const onDown = (event: PointerEvent): void => {
      const over = event.target instanceof Element ? event.target.closest(".axis") : null;
      if (over && event.button === 0 && !isWhole(current.current.window)) from = { x: event.clientX, dragging: false };
    };
    const onMove = (event: PointerEvent): void => {
      const edge = axis();
      if (!from || !edge || edge.width === 0) return;
      if (!from.dragging && Math.abs(event.clientX - from.x) < DRAG) return;
      if (!from.dragging) element.setPointerCapture(event.pointerId);
      current.current.pan((from.x - event.clientX) / edge.width);
      from = { x: event.clientX, dragging: true };
    };
    const onUp = (): void => {
      // The click that ends a drag selects nothing.
      if (from?.dragging) element.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => element.removeEventListener("click", swallow, { capture: true }));
      from = null;
    };
    const swallow = (event: Event): void => event.stopPropagation();
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
    };
  }, [scroller]);
}
