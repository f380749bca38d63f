import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { access } from "../api/access";
import { queries } from "../api/queries";
import { api } from "../api/client";
import { Icon } from "../ui/Icon";

/** Ends the login of this browser; nothing where nobody had to log in. */
export function LogOut(): ReactNode {
  const { data } = useQuery(queries.login());
  const client = useQueryClient();
  if (!data?.by_cookie) return null;
  const leave = async (): Promise<void> => {
    await api.logOut();
    client.clear();
    access.refused();
  };
  return (
    <button type="button" className="rail-item" title={`Logged in with ${data.name ?? "a key"}`} onClick={() => void leave()}>
      <Icon name="leave" />
      <span>Log out</span>
    </button>
  );
}
