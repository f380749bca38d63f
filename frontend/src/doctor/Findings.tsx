import { useRef, type ReactNode } from "react";
import type { DoctorFinding } from "../api/types.gen";
import { oneLine, visible } from "../format/text";
import { Icon, type IconName } from "../ui/Icon";
import { useKeys } from "../ui/useKeys";

const LEVELS: Record<DoctorFinding["level"], { icon: IconName; word: string }> = {
  error: { icon: "error", word: "Wrong" },
  warning: { icon: "warning", word: "Warning" },
  info: { icon: "note", word: "Note" },
};

/** What is wrong, worst first, each with what to do. */
export function Findings({ findings }: { findings: readonly DoctorFinding[] }): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const move = (by: number): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("li") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))]?.focus();
  };
  useKeys({ nextFinding: () => move(1), previousFinding: () => move(-1) });
  if (findings.length === 0) {
    return (
      <p className="doctor-well status-ok" role="status">
        <Icon name="ok" />
        <span>All is well: nothing that was sent needs a look.</span>
      </p>
    );
  }
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">What to look at</h2>
      <ul className="findings" ref={list}>
        {findings.map((finding, place) => (
          <li key={`${finding.code} ${finding.sender} ${finding.title} ${place}`} className={`finding finding-${finding.level}`} tabIndex={-1}>
            <span className="finding-level">
              <Icon name={LEVELS[finding.level].icon} />
              <span>{LEVELS[finding.level].word}</span>
            </span>
            <div>
              <p>
                {finding.sender !== null && <b>{oneLine(finding.sender, 80)}: </b>}
                {visible(finding.title)}
              </p>
              <p className="finding-todo">
                <span aria-hidden="true">→ </span>
                {visible(finding.todo)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
