import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode } from "react";
import { api } from "../api/client";
import { Failure } from "../ui/Notice";
import { toast } from "../ui/toast";

interface Props {
  traceId: string;
  pinned: boolean;
  onClose: () => void;
  onGone: () => void;
}

/** Asks once more before what cannot be undone. */
export function EraseDialog({ traceId, pinned, onClose, onGone }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const erase = useMutation({
    mutationFn: () => api.eraseTrace(traceId),
    onSuccess: () => {
      toast("Erased");
      onClose();
      onGone();
    },
  });
  return (
    <dialog ref={dialog} className="import" aria-labelledby="erase-title" onClose={onClose}>
      <h2 id="erase-title">Erase this trace?</h2>
      <p>
        Its spans, log records, texts and annotations go, from the files too{pinned ? ", although it is pinned" : ""}. Requests that were refused and kept go as well. This
        cannot be undone; a backup made before still has it.
      </p>
      <p className="mono muted">{traceId}</p>
      {erase.error && <Failure error={erase.error} />}
      <div className="dialog-buttons">
        <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
          Keep it
        </button>
        <button type="button" className="button danger" disabled={erase.isPending} onClick={() => erase.mutate()}>
          Erase
        </button>
      </div>
    </dialog>
  );
}
