import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/queries";
import { firstRows } from "./firstRows";
import { createAppRouter } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/login.css";
import "./styles/traces.css";
import "./styles/trace.css";
import "./styles/panel.css";
import "./styles/ledger.css";
import "./styles/doctor.css";
import "./styles/values.css";
import "./styles/progress.css";
import "./styles/board.css";
import "./styles/export.css";
import "./styles/lens.css";
import "./styles/compare.css";

// Once: a part that is missing for another reason must not reload the page without end.
window.addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("llm-tracing.reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem("llm-tracing.reloaded", String(Date.now()));
  window.location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");

const client = createQueryClient();
const router = createAppRouter();

function draw(place: HTMLElement): void {
  createRoot(place).render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

// What comes quickly is waited for, so that the page is drawn once: not its frame, then a skeleton, then the rows.
const DRAWN_AFTER_MS = 250;
const late = new Promise<void>((resolve) => setTimeout(resolve, DRAWN_AFTER_MS));
void Promise.race([Promise.allSettled([router.load(), firstRows(client, window.location)]), late]).then(() => draw(root));
