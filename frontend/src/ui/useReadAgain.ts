import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";

/** A function that has all that is shown of one thing read again; `kind` and `id` begin the keys of its queries.
 *
 * What grows faster than it can be read is read to the end, then once more: what is being read may lack the change.
 */
export function useReadAgain(kind: string, id: string): () => void {
  const client = useQueryClient();
  const onceMore = useRef(false);
  return useCallback(() => {
    const read = (): Promise<void> => client.invalidateQueries({ queryKey: [kind, id] }, { cancelRefetch: false });
    if (onceMore.current) return;
    onceMore.current = client.isFetching({ queryKey: [kind, id] }) > 0;
    void read().then(() => {
      if (!onceMore.current) return;
      onceMore.current = false;
      void read();
    });
  }, [client, kind, id]);
}
