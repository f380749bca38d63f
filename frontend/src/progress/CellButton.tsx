import type { ReactNode } from "react";
import type { ProgressCell } from "../api/types.gen";
import { visible } from "../format/text";
import { VERDICTS, wordOf } from "../model/progress";
import { Icon } from "../ui/Icon";

interface Props {
  cell: ProgressCell;
  label: string;
  selected: boolean;
  onSelect: () => void;
}

/** A verdict as an icon of its own shape and a word. */
export function CellButton({ cell, label, selected, onSelect }: Props): ReactNode {
  return (
    <button type="button" className="progress-cell" data-testid="progress-cell" aria-pressed={selected} onClick={onSelect}>
      <span className="hidden-text">{label}: </span>
      <VerdictWord cell={cell} />
    </button>
  );
}

export function VerdictWord({ cell }: { cell: ProgressCell }): ReactNode {
  const { word, icon } = VERDICTS[cell.verdict];
  const more = wordOf(cell);
  return (
    <span className={`verdict verdict-${cell.verdict}`}>
      {icon && <Icon name={icon} />}
      {word && <span className={more ? "hidden-text" : ""}>{word}</span>}
      {more && <span>{visible(more)}</span>}
    </span>
  );
}
