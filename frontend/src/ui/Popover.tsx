import { useEffect, useRef, type ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

interface Props {
  icon: IconName;
  /** The words of the button. */
  label: string;
  /** What it is, for screen readers, before the words. */
  name: string;
  title?: string;
  className?: string;
  open: boolean;
  onOpen: (open: boolean) => void;
  children: ReactNode;
}

/** A button with a panel under it. Escape, or a press elsewhere, closes it; the button has the focus then. */
export function Popover({ icon, label, name, title, className = "", open, onOpen, children }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector<HTMLElement>(".popover button, .popover input")?.focus();
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open, onOpen]);
  return (
    <div
      className={`popover-box ${className}`}
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        onOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        title={title}
        onClick={() => onOpen(!open)}
      >
        <Icon name={icon} />
        <span className="hidden-text">{name}: </span>
        <span className="popover-label cut">{label}</span>
        <Icon name="down" />
      </button>
      {open && (
        <div className="popover" role="dialog" aria-label={name}>
          {children}
        </div>
      )}
    </div>
  );
}
