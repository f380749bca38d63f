import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTitle } from "../ui/useTitle";

export function NotFound(): ReactNode {
  useTitle("No such page");
  return (
    <div className="blank">
      <h1>No such page</h1>
      <p className="muted">Nothing is shown at this address.</p>
      <Link to="/" className="button">
        To the traces
      </Link>
    </div>
  );
}
