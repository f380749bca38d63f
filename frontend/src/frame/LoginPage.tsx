import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { access } from "../api/access";
import { api, ApiFailure } from "../api/client";
import { queries } from "../api/queries";
import { Failure } from "../ui/Notice";
import { takeFocus } from "../ui/takeFocus";
import { useTitle } from "../ui/useTitle";

/** A refusal without its hint, which is for programs: here there is a field for the key. */
function inPage(error: unknown): unknown {
  return error instanceof ApiFailure ? new ApiFailure(error.status, error.code, error.message, null) : error;
}

/** Asks for a key in place of the page; the page that was asked for shows once it is taken. */
export function LoginPage(): ReactNode {
  const [key, setKey] = useState("");
  const [project, setProject] = useState("");
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const client = useQueryClient();
  const { data: login } = useQuery(queries.login());
  useTitle("Log in");
  const projectWanted = error instanceof ApiFailure && error.code === "project_missing";

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setWaiting(true);
    setError(null);
    try {
      await api.logIn(key, project.trim());
      client.clear();
      access.granted();
    } catch (failure) {
      setError(inPage(failure));
    } finally {
      setWaiting(false);
    }
  };
  return (
    <main className="login">
      <form onSubmit={(event) => void submit(event)} aria-label="Log in">
        <h1>LLM Tracing</h1>
        <p className="muted">This server shows prompts and answers to who has a key.</p>
        <label htmlFor="key">Key</label>
        <input
          id="key"
          type="password"
          className="mono"
          autoComplete="current-password"
          ref={takeFocus}
          spellCheck={false}
          placeholder="llmt_…"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        {(projectWanted || project !== "") && (
          <>
            <label htmlFor="project">Project</label>
            <input id="project" ref={takeFocus} spellCheck={false} value={project} onChange={(event) => setProject(event.target.value)} />
          </>
        )}
        <button type="submit" className="button primary" disabled={waiting || key.trim() === ""}>
          Log in
        </button>
        {error !== null && <Failure error={error} />}
        <p className="muted">
          The key decides which project is shown. No key yet? On the server: <code>llm-tracing keys create --scope read</code>
        </p>
        {login?.required === false && (
          <button type="button" className="button" onClick={() => access.granted()}>
            Back, without a key
          </button>
        )}
      </form>
    </main>
  );
}
