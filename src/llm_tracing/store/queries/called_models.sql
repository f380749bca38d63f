-- The models of some calls, with what an aggregate says of each.
SELECT
    provider,
    model,
    any_value(request_model),
    any_value(kind),
    list(DISTINCT service),
    {figures}
FROM {rows}
GROUP BY provider, model
ORDER BY count(*) DESC, model, provider
LIMIT ?
