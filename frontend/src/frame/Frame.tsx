import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { connection } from "../api/connection";
import { useKeyWanted, useServerDown } from "../api/hooks";
import { listSearch } from "../traces/lastList";
import { Icon } from "../ui/Icon";
import { Toast } from "../ui/toast";
import { toggleTheme, useTheme } from "../ui/theme";
import { useKeys } from "../ui/useKeys";
import { KeysDialog } from "./KeysDialog";
import { LoginPage } from "./LoginPage";
import { LogOut } from "./LogOut";

export function Frame(): ReactNode {
  const [showKeys, setShowKeys] = useState(false);
  const navigate = useNavigate();
  useKeys({ help: () => setShowKeys(true), theme: toggleTheme, doctor: () => void navigate({ to: "/doctor" }) });
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
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Toast />
      {showKeys && <KeysDialog onClose={() => setShowKeys(false)} />}
    </div>
  );
}

function Rail({ onKeys }: { onKeys: () => void }): ReactNode {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <nav className="rail" aria-label="Pages">
      <span className="mark" aria-hidden="true">
        <svg viewBox="0 0 32 32" width="24" height="24">
          <rect width="32" height="32" rx="7" />
          <path d="M8 9h16M8 16h9M14 23h10" />
        </svg>
      </span>
      <Link to="/" search={listSearch} className="rail-item" activeOptions={{ exact: true, includeSearch: false }}>
        <Icon name="traces" />
        <span>Traces</span>
      </Link>
      <Link to="/progress" className="rail-item" activeOptions={{ includeSearch: false }}>
        <Icon name="progress" />
        <span>Progress</span>
      </Link>
      <Link to="/doctor" className="rail-item" activeOptions={{ includeSearch: false }} title="What senders send (d)">
        <Icon name="doctor" />
        <span>Doctor</span>
      </Link>
      <span className="rail-space" />
      <LogOut />
      <button type="button" className="rail-item" onClick={onKeys} title="All keys (?)">
        <Icon name="keys" />
        <span>Keys</span>
      </button>
      <button type="button" className="rail-item" onClick={toggleTheme} title={`Change to ${other} (t)`}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
        <span>{other === "dark" ? "Dark" : "Light"}</span>
      </button>
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
