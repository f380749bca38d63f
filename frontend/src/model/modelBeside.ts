import type { Span } from "../api/types.gen";

/** The model, unless the name says it already (`chat gpt-4o`). */
export function modelBeside(span: Span): string | null {
  const models = [span.request_model, span.response_model].filter((model) => model !== null);
  return models.some((model) => span.name.includes(model)) ? null : (models.at(-1) ?? null);
}
