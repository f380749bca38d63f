/** The addresses. Everything a page shows is in its address, so a pasted link shows the same thing. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Frame } from "./frame/Frame";
import { Broken } from "./frame/Broken";
import { NotFound } from "./frame/NotFound";
import { compareSearch, doctorSearch, logsSearch, metricsSearch, progressSearch, settingsSearch, traceSearch, tracesSearch } from "./model/address";
import { boardSearch } from "./model/window";
import { parseSearch, stringifySearch } from "./model/search";

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./traces/TracesPage"), "TracesPage"),
  validateSearch: tracesSearch,
});

const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces/$traceId",
  component: lazyRouteComponent(() => import("./trace/TracePage"), "TracePage"),
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

const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/logs",
  component: lazyRouteComponent(() => import("./logs/LogsPage"), "LogsPage"),
  validateSearch: logsSearch,
});

const metricsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/metrics-explorer",
  component: lazyRouteComponent(() => import("./metrics/MetricsPage"), "MetricsPage"),
  validateSearch: metricsSearch,
});

// Read when they are first opened. After an upgrade, when their script has another name, the page loads itself again.
const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions",
  component: lazyRouteComponent(() => import("./sessions/SessionsPage"), "SessionsPage"),
  validateSearch: boardSearch,
});

const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions/$sessionId",
  component: lazyRouteComponent(() => import("./sessions/SessionPage"), "SessionPage"),
});

const dashboardRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dashboard",
  component: lazyRouteComponent(() => import("./dashboard/DashboardPage"), "DashboardPage"),
  validateSearch: boardSearch,
});

const usersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/users",
  component: lazyRouteComponent(() => import("./users/UsersPage"), "UsersPage"),
  validateSearch: boardSearch,
});

const userRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/users/$userId",
  component: lazyRouteComponent(() => import("./users/UserPage"), "UserPage"),
  validateSearch: boardSearch,
});

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("./models/ModelsPage"), "ModelsPage"),
  validateSearch: boardSearch,
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/SettingsPage"), "SettingsPage"),
  validateSearch: settingsSearch,
});

const boardRoutes = [sessionsRoute, sessionRoute, dashboardRoute, usersRoute, userRoute, modelsRoute, settingsRoute] as const;

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  // A part of its own: few come here. One that is gone after an upgrade loads the page anew.
  component: lazyRouteComponent(() => import("./compare/ComparePage"), "ComparePage"),
  validateSearch: compareSearch,
});

export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([tracesRoute, traceRoute, compareRoute, progressRoute, doctorRoute, logsRoute, metricsRoute, ...boardRoutes]),
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
