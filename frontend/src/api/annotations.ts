/** What is said of many traces, asked for together: rows of a list each ask for their own. */
import { get } from "./client";
import type { Annotation, AnnotationList, AnnotationWords } from "./types.gen";

const GATHER_MS = 40;
const MOST = 100;

type Waiting = { id: string; done: (found: Annotation[]) => void; failed: (error: unknown) => void };
let waiting: Waiting[] = [];

/** What is said of one trace and its spans; those asked for within a moment are one request. */
export function annotationsOf(traceId: string): Promise<Annotation[]> {
  return new Promise((done, failed) => {
    if (waiting.length === 0) setTimeout(ask, GATHER_MS);
    waiting.push({ id: traceId, done, failed });
  });
}

function ask(): void {
  const all = waiting;
  waiting = [];
  for (let at = 0; at < all.length; at += MOST) void askFor(all.slice(at, at + MOST));
}

async function askFor(some: readonly Waiting[]): Promise<void> {
  try {
    const { annotations } = await get<AnnotationList>("/api/v1/annotations", { trace_id: some.map((one) => one.id), limit: 1000 });
    for (const one of some) one.done(annotations.filter((said) => said.trace_id === one.id));
  } catch (error) {
    for (const one of some) one.failed(error);
  }
}

export function annotationWords(signal?: AbortSignal): Promise<AnnotationWords> {
  return get<AnnotationWords>("/api/v1/annotations/words", {}, signal);
}
