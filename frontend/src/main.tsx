import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/queries";
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

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <RouterProvider router={createAppRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
