import type { ReactNode } from "react";
import { Icon } from "./Icon";

interface Props {
  label: string;
  value: string;
  choices: readonly (readonly [value: string, words: string])[];
  onChoose: (value: string) => void;
}

/** One of a few, in a bar. */
export function Choice({ label, value, choices, onChoose }: Props): ReactNode {
  return (
    <label className="choice-box">
      <span className="hidden-text">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.target.value)}>
        {choices.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  );
}
