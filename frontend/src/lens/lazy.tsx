/** The lens and its marks of differences in a part of their own, which is loaded when they are first looked at. */
import { lazyRouteComponent } from "@tanstack/react-router";
import { Suspense, type ComponentProps, type ReactNode } from "react";
import type { Changes as ChangesTab } from "../trace/tabs/Changes";
import { Skeleton } from "../ui/Notice";
import type { LensView as View } from "./LensView";

// The router's own, since it loads the page anew where the part is gone after an upgrade.
const LazyLens = lazyRouteComponent(() => import("./LensView"), "LensView") as typeof View;
const LazyChanges = lazyRouteComponent(() => import("../trace/tabs/Changes"), "Changes") as typeof ChangesTab;

export function LensView(props: ComponentProps<typeof View>): ReactNode {
  return (
    <Suspense fallback={<Skeleton rows={8} tall />}>
      <LazyLens {...props} />
    </Suspense>
  );
}

export function Changes(props: ComponentProps<typeof ChangesTab>): ReactNode {
  return (
    <Suspense fallback={<Skeleton rows={5} />}>
      <LazyChanges {...props} />
    </Suspense>
  );
}
