/** The addresses. Everything a page shows is in its address, so a pasted link shows the same thing. */
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { Frame } from "./frame/Frame";
import { Broken } from "./frame/Broken";
import { NotFound } from "./frame/NotFound";
import { rangeName, type RangeName } from "./model/range";
import { parseSearch, stringifySearch } from "./model/search";
import { isTab, type Tab } from "./model/tabs";
import { TracePage } from "./trace/TracePage";
import { TracesPage } from "./traces/TracesPage";

export interface TracesSearch {
  q?: string | undefined;
  since?: RangeName | undefined;
  /** The marked row. */
  sel?: string | undefined;
  live?: "off" | undefined;
}

export interface TraceSearch {
  /** A span's id, or `fold:` and the id of the step whose badge is looked at. */
  span?: string | undefined;
  tab?: Tab | undefined;
  view?: "all" | undefined;
}

type Search = Record<string, unknown>;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: TracesPage,
  validateSearch: (search: Search): TracesSearch => ({
    q: text(search["q"]),
    since: rangeName(search["since"]),
    sel: text(search["sel"]),
    live: search["live"] === "off" ? "off" : undefined,
  }),
});

const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces/$traceId",
  component: TracePage,
  validateSearch: (search: Search): TraceSearch => ({
    span: text(search["span"]),
    tab: isTab(search["tab"]) ? search["tab"] : undefined,
    view: search["view"] === "all" ? "all" : undefined,
  }),
});

export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([tracesRoute, traceRoute]),
    parseSearch,
    stringifySearch,
    defaultPreload: false,
    defaultErrorComponent: Broken,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
