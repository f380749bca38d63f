import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import type { MetricsSearch } from "../model/address";
import "../styles/metrics.css";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { MetricList } from "./MetricList";
import { OneMetric } from "./OneMetric";

const route = getRouteApi("/metrics-explorer");

/** Every metric that arrived, or one of them over time. */
export function MetricsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/metrics-explorer" });
  const { name } = search;
  useTitle(name ?? "Metrics");
  const change = useCallback((part: MetricsSearch, replace = true) => void navigate({ search: (old) => ({ ...old, ...part }), replace }), [navigate]);
  useKeys(
    name === undefined
      ? {}
      : {
          metricTable: () => change({ view: search.view ? undefined : "table" }),
          metricList: () => change({ name: undefined, service: undefined, type: undefined, group: undefined, label: undefined, view: undefined }, false),
        },
  );
  return name === undefined ? <MetricList search={search} onChange={change} /> : <OneMetric name={name} search={search} onChange={change} />;
}
