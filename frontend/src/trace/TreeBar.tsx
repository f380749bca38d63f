import type { ReactNode, RefObject } from "react";
import { isWhole } from "../model/zoom";
import { Icon } from "../ui/Icon";
import { FindBox } from "./FindBox";
import type { Find } from "./useFind";
import type { Zoom } from "./useZoom";

interface Props {
  find: Find;
  field: RefObject<HTMLInputElement | null>;
  zoom: Zoom;
  path: boolean;
  onPath: () => void;
  onCollapse: () => void;
  onRules: () => void;
}

/** What is done to the tree as a whole. */
export function TreeBar({ find, field, zoom, path, onPath, onCollapse, onRules }: Props): ReactNode {
  return (
    <div className="tree-bar">
      <FindBox find={find} field={field} />
      <span className="tree-tools" role="group" aria-label="Tree and time axis">
        <Tool icon="collapse" label="Fold all steps, or open them again (x)" onClick={onCollapse} />
        <Tool icon="rules" label="Folding rules (r)" onClick={onRules} />
        <Tool icon="path" label="Critical path (p)" pressed={path} onClick={onPath} />
        <Tool icon="zoomOut" label="From further away (-)" disabled={isWhole(zoom.window)} onClick={zoom.further} />
        <Tool icon="zoomIn" label="Closer (+)" onClick={zoom.closer} />
        <button type="button" className="button-quiet" disabled={isWhole(zoom.window)} title="The whole time (0)" onClick={zoom.reset}>
          all
        </button>
      </span>
    </div>
  );
}

interface ToolProps {
  icon: "collapse" | "rules" | "path" | "zoomIn" | "zoomOut";
  label: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick: () => void;
}

function Tool({ icon, label, pressed, disabled, onClick }: ToolProps): ReactNode {
  return (
    <button type="button" className="button-quiet" title={label} aria-label={label} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
