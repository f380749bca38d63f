import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { connection } from "../api/connection";
import { useKeyWanted, useServerDown } from "../api/hooks";
import { ImportHost } from "../traces/ImportDialog";
import { KEYS } from "../keys";
import { Icon } from "../ui/Icon";
import { Toast } from "../ui/toast";
import { toggleTheme, useTheme } from "../ui/theme";
import { useKeys } from "../ui/useKeys";
import { useMedia } from "../ui/useMedia";
import { KeysDialog } from "./KeysDialog";
import { LoginPage } from "./LoginPage";
import { useGoTo } from "./useGoTo";
import { useSearchOf } from "./useSearchOf";
import { LogOut } from "./LogOut";
import { ProjectName } from "./ProjectName";
import { MoreMenu } from "./MoreMenu";
import { StoreBar } from "./StoreBar";
import { ON_A_PHONE, PLACES, type Place } from "./places";

export function Frame(): ReactNode {
  const [showKeys, setShowKeys] = useState(false);
  const navigate = useNavigate();
  useKeys({
    help: () => setShowKeys(true),
    theme: toggleTheme,
  });
  const searchOf = useSearchOf();
  useGoTo((action) => {
    const place = PLACES.find((one) => one.go === action);
    if (place) void navigate({ to: place.to, search: searchOf(place) });
  });
  const keyWanted = useKeyWanted();
  if (keyWanted) return <LoginPage />;
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Rail onKeys={() => setShowKeys(true)} />
      <div className="page">
        <ServerBar />
        <StoreBar />
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Toast />
      <ImportHost />
      {showKeys && <KeysDialog onClose={() => setShowKeys(false)} />}
    </div>
  );
}

function Rail({ onKeys }: { onKeys: () => void }): ReactNode {
  const theme = useTheme();
  const searchOf = useSearchOf();
  const other = theme === "dark" ? "light" : "dark";
  const phone = useMedia("(max-width: 760px)");
  const item = (place: Place): ReactNode => (
    <Link
      key={place.to}
      to={place.to}
      search={searchOf(place)}
      className="rail-item"
      title={`${place.about} (${KEYS[place.go].keys.join(" ")})`}
      activeOptions={{ exact: place.to === "/", includeSearch: false }}
    >
      <Icon name={place.icon} />
      <span>{place.name}</span>
    </Link>
  );
  const buttons = (
    <>
      <LogOut />
      <button type="button" className="rail-item" onClick={onKeys} title="All keys (?)">
        <Icon name="keys" />
        <span>Keys</span>
      </button>
      <button type="button" className="rail-item" onClick={toggleTheme} title={`Change to ${other} (t)`}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
        <span>{other === "dark" ? "Dark" : "Light"}</span>
      </button>
    </>
  );
  return (
    <nav className="rail" aria-label="Pages">
      <span className="mark" aria-hidden="true">
        <svg viewBox="0 0 32 32" width="24" height="24">
          <rect width="32" height="32" rx="7" />
          <path d="M8 9h16M8 16h9M14 23h10" />
        </svg>
      </span>
      <ProjectName />
      {phone ? PLACES.slice(0, ON_A_PHONE).map(item) : PLACES.map(item)}
      {phone && <MoreMenu places={PLACES.slice(ON_A_PHONE)} searchOf={searchOf}>{buttons}</MoreMenu>}
      <span className="rail-space" />
      {!phone && buttons}
    </nav>
  );
}

/** Says quietly that the server is away; what is on the page stays, and is read anew when it is back. */
function ServerBar(): ReactNode {
  const down = useServerDown();
  const client = useQueryClient();
  useEffect(() => (down ? () => void client.invalidateQueries() : undefined), [down, client]);
  if (!down) return null;
  return (
    <div className="server-bar" role="status">
      <Icon name="warning" />
      <span>The server does not answer. What is shown stays; trying again every few seconds.</span>
      <button type="button" className="button" onClick={() => void connection.ask()}>
        Try now
      </button>
    </div>
  );
}
