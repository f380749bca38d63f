/** Lines for the file of LLM_TRACING_PRICES that would price some models; the prices are left to fill in. */
interface Named {
  provider: string | null;
  model: string | null;
}

export function priceEntries(models: readonly Named[]): string {
  const named = models.filter((model): model is Named & { model: string } => model.model !== null);
  const lines = named.map(({ model, provider }) =>
    [`  - model: ${JSON.stringify(model)}`, ...(provider === null ? [] : [`    provider: ${JSON.stringify(provider)}`]), "    input: # USD per million tokens", "    output:"].join("\n"),
  );
  return ["models:", ...lines].join("\n");
}
