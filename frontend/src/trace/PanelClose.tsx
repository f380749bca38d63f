import type { ReactNode } from "react";
import { Icon } from "../ui/Icon";

/** Only where the panel covers the tree. */
export function PanelClose({ onClose }: { onClose: (() => void) | undefined }): ReactNode {
  if (!onClose) return null;
  return (
    <button type="button" className="button panel-close" aria-label="Close the panel" onClick={onClose}>
      <Icon name="close" />
    </button>
  );
}
