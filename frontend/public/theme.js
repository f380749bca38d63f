// Runs before the first paint, so that a stored theme does not flash the other one.
try {
  const theme = localStorage.getItem("llm-tracing.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // No storage (a private window): the system's theme stands.
}
