import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api } from "../api/client";
import { queries } from "../api/queries";
import type { View } from "../api/types.gen";
import { visible } from "../format/text";
import { rangeLabel, type Range } from "../model/range";
import { Icon } from "../ui/Icon";
import { Popover } from "../ui/Popover";
import { takeFocus } from "../ui/takeFocus";

interface Shown extends Range {
  q: string;
}

interface Props {
  page: View["page"];
  shown: Shown;
  open: boolean;
  onOpen: (open: boolean) => void;
  onShow: (shown: Shown) => void;
}

/** Filters with a name: those that are there from the start, and what people saved for everybody on this server. */
export function SavedViews({ page, shown, open, onOpen, onShow }: Props): ReactNode {
  const { data, error } = useQuery(queries.views(page));
  const views = data?.views ?? [];
  const current = views.find((view) => isShown(view, shown));
  const show = (view: View): void => {
    onShow({ q: view.q, since: view.since ?? undefined, until: view.until ?? undefined });
    onOpen(false);
  };
  const lists = [
    { title: "Saved", views: views.filter((view) => !view.built_in) },
    { title: "Ready-made", views: views.filter((view) => view.built_in) },
  ];
  const isEmpty = shown.q === "" && !shown.since && !shown.until;
  return (
    <Popover icon="views" name="Views" label={current ? visible(current.name) : "Views"} title="Saved views (v)" className="views" open={open} onOpen={onOpen}>
      {!isEmpty && !current && <SaveForm page={page} shown={shown} />}
      {lists.map(({ title, views: some }) =>
        some.length === 0 ? null : (
          <section key={title}>
            <h3 className="muted">{title}</h3>
            <ul className="choices">
              {some.map((view) => (
                <ViewRow key={view.view_id} view={view} chosen={view === current} onShow={() => show(view)} />
              ))}
            </ul>
          </section>
        ),
      )}
      {isEmpty && <p className="muted popover-note">Set a filter or a time range to save it here.</p>}
      {error && <p className="error-text" role="alert">{visible(error.message)}</p>}
    </Popover>
  );
}

function isShown(view: View, { q, since, until }: Shown): boolean {
  return view.q === q && (view.since ?? undefined) === since && (view.until ?? undefined) === until;
}

function useChangedViews() {
  const client = useQueryClient();
  return { onSuccess: () => client.invalidateQueries({ queryKey: ["views"] }) };
}

function SaveForm({ page, shown }: { page: View["page"]; shown: Shown }): ReactNode {
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => api.saveView({ name, page, q: shown.q, since: shown.since ?? null, until: shown.until ?? null }),
    ...useChangedViews(),
  });
  return (
    <form
      className="save-view"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate();
      }}
    >
      <input
        type="text"
        value={name}
        maxLength={80}
        aria-label="Name of the view"
        placeholder="Name for what is shown"
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button" disabled={!name.trim() || save.isPending}>
        Save
      </button>
      {save.error && <p className="error-text" role="alert">{visible(save.error.message)}</p>}
    </form>
  );
}

function ViewRow({ view, chosen, onShow }: { view: View; chosen: boolean; onShow: () => void }): ReactNode {
  const [name, setName] = useState<string | null>(null);
  const done = useChangedViews();
  const rename = useMutation({
    mutationFn: (to: string) => api.changeView(view.view_id, { name: to }),
    onSuccess: async () => {
      setName(null);
      await done.onSuccess();
    },
  });
  const forget = useMutation({ mutationFn: () => api.deleteView(view.view_id), ...done });
  const range = view.since || view.until ? rangeLabel({ since: view.since ?? undefined, until: view.until ?? undefined }) : "";
  if (name !== null) {
    return (
      <li>
        <form
          className="save-view"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) rename.mutate(name);
          }}
        >
          <input type="text" value={name} maxLength={80} aria-label="New name" ref={takeFocus} onChange={(event) => setName(event.target.value)} />
          <button type="submit" className="button" disabled={!name.trim()}>
            Rename
          </button>
          {rename.error && <p className="error-text" role="alert">{visible(rename.error.message)}</p>}
        </form>
      </li>
    );
  }
  return (
    <li className="view-row">
      <button type="button" className="choice" aria-pressed={chosen} title={view.why ?? undefined} onClick={onShow}>
        <span className="choice-mark">{chosen && <Icon name="ok" />}</span>
        <span className="cut">{visible(view.name)}</span>
        <code className="muted cut">{visible([view.q, range].filter(Boolean).join(" · "))}</code>
      </button>
      {!view.built_in && (
        <>
          <button type="button" className="button-quiet" aria-label={`Rename ${visible(view.name)}`} onClick={() => setName(view.name)}>
            <Icon name="note" />
          </button>
          <button type="button" className="button-quiet" aria-label={`Delete ${visible(view.name)}`} onClick={() => forget.mutate()}>
            <Icon name="close" />
          </button>
        </>
      )}
    </li>
  );
}
