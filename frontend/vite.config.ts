import { defineConfig } from "vitest/config";
import { atOnce } from "./atOnce";
import { gzip } from "./gzip";

// `npm run dev` serves the sources and hands the API to a running `llm-tracing serve`.
const server = process.env["LLM_TRACING_URL"] ?? "http://127.0.0.1:4318";

export default defineConfig({
  plugins: [atOnce(["vendor", "shared", "index", "TracesPage"]), gzip()],
  resolve: {
    // The sources are written against React's interface and its types; what runs is Preact (docs/adr/0016).
    alias: [
      { find: /^react\/jsx(?:-dev)?-runtime$/, replacement: "preact/jsx-runtime" },
      { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
      { find: /^react(?:-dom)?$/, replacement: "preact/compat" },
    ],
  },
  build: {
    outDir: "../src/llm_tracing/ui/dist",
    emptyOutDir: true,
    // Everything stays a file of its own: the Content-Security-Policy allows no inline script or style.
    assetsInlineLimit: 0,
    // Pages are parts by the router's lazyRouteComponent, the Markdown renderer and dialogs by lazy(): a page left
    // open over an upgrade that asks for parts which are gone is loaded anew (the router, main.tsx).
    chunkSizeWarningLimit: 700,
    target: "es2022",
    // The server names the parts of a page in its headers (src/llm_tracing/ui/early.py).
    manifest: "manifest.json",
    rolldownOptions: {
      // "use client" means nothing here.
      checks: { moduleLevelDirective: false },
      output: {
        codeSplitting: {
          groups: [
            // Few files: a browser asks for six at a time. This one stays the same over most releases.
            { name: "vendor", test: /node_modules[\\/](?:preact|@tanstack)[\\/]/ },
            { name: "shared", test: /[\\/]src[\\/]/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: { host: "127.0.0.1", proxy: { "/api": server, "/healthz": server } },
  test: { include: ["src/**/*.test.ts"] },
});
