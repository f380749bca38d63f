import { useEffect, useRef, type ReactNode } from "react";
import { KEYS, keyName, type Key, type Place } from "../keys";
import { Icon } from "../ui/Icon";

const PLACES: readonly (readonly [Place, string])[] = [
  ["everywhere", "Everywhere"],
  ["bar", "Pages with a filter"],
  ["traces", "List of traces"],
  ["trace", "One trace"],
  ["dashboard", "Dashboard"],
  ["lists", "Sessions, users, models"],
  ["logs", "Logs"],
  ["metrics", "Metrics"],
  ["progress", "Progress"],
  ["doctor", "Doctor"],
  ["compare", "Two traces"],
];

export function KeysDialog({ onClose }: { onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="keys-dialog"
      aria-labelledby="keys-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="keys-body">
        <header>
          <h2 id="keys-title">Keys</h2>
          <button type="button" className="button-quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {PLACES.map(([place, title]) => (
          <section key={place}>
            <h3>{title}</h3>
            <dl>
              {Object.values<Key>(KEYS)
                .filter((key) => key.place === place)
                .map((key) => (
                  <div key={key.does}>
                    <dt>
                      {shown(key).map((name) => (
                        <kbd key={name}>{name}</kbd>
                      ))}
                    </dt>
                    <dd>{key.does}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}

function shown(key: Key): string[] {
  if (key.keys[0]?.includes(" ")) return key.keys[0].split(" ");
  return key.keys.length > 3 ? [`${key.keys[0]}–${key.keys.at(-1)}`] : key.keys.map(keyName);
}
