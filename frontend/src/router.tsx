/** The addresses. Everything a page shows is in its address, so a pasted link shows the same thing. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { DoctorPage } from "./doctor/DoctorPage";
import { Frame } from "./frame/Frame";
import { Broken } from "./frame/Broken";
import { NotFound } from "./frame/NotFound";
import { compareSearch, doctorSearch, progressSearch, traceSearch, tracesSearch } from "./model/address";
import { parseSearch, stringifySearch } from "./model/search";
import { ProgressPage } from "./progress/ProgressPage";
import { TracePage } from "./trace/TracePage";
import { TracesPage } from "./traces/TracesPage";

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: TracesPage,
  validateSearch: tracesSearch,
});

const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces/$traceId",
  component: TracePage,
  validateSearch: traceSearch,
});

const progressRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/progress",
  component: ProgressPage,
  validateSearch: progressSearch,
});

const doctorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/doctor",
  component: DoctorPage,
  validateSearch: doctorSearch,
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  // A part of its own: few come here. One that is gone after an upgrade loads the page anew.
  component: lazyRouteComponent(() => import("./compare/ComparePage"), "ComparePage"),
  validateSearch: compareSearch,
});

export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([tracesRoute, traceRoute, progressRoute, doctorRoute, compareRoute]),
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
