import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import { visible } from "../format/text";

/** Where there is more than one project, which one is shown; nothing for `default`. */
export function ProjectName(): ReactNode {
  const { data } = useQuery(queries.login());
  const name = data?.project ?? "default";
  if (name === "default") return null;
  return (
    <Link to="/settings" className="rail-project" title={`Project ${visible(name)}`} aria-label={`Project ${visible(name)}`}>
      {visible(name)}
    </Link>
  );
}
