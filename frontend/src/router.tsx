/** The addresses. Everything a page shows is in its address, so a pasted link shows the same thing. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Frame } from "./frame/Frame";
import { Broken } from "./frame/Broken";
import { NotFound } from "./frame/NotFound";
import { doctorSearch, progressSearch, traceSearch, tracesSearch } from "./model/address";
import { parseSearch, stringifySearch } from "./model/search";
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
  component: lazyRouteComponent(() => import("./progress/ProgressPage"), "ProgressPage"),
  validateSearch: progressSearch,
});

const doctorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/doctor",
  component: lazyRouteComponent(() => import("./doctor/DoctorPage"), "DoctorPage"),
  validateSearch: doctorSearch,
});

export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([tracesRoute, traceRoute, progressRoute, doctorRoute]),
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
