/** `j` and `k` move the focus along the links of a list's rows; Enter is the link's own. */
import { useCallback, type RefObject } from "react";
import { useKeys } from "../ui/useKeys";

export function useRowKeys(area: RefObject<HTMLElement | null>): void {
  const step = useCallback(
    (by: number): void => {
      const rows = [...(area.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      const at = rows.findIndex((row) => row === document.activeElement);
      rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
    },
    [area],
  );
  useKeys({ nextRow: () => step(1), previousRow: () => step(-1) });
}
