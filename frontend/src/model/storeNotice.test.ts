import { describe, expect, it } from "vitest";
import type { StoreKind } from "../api/types.gen";
import { lagOf, missingWhy, shortOf, troublesOf } from "./storeNotice";

type Trouble = StoreKind["backends"][number]["troubles"][number];

const trouble = (doing: Trouble["doing"], reason: Trouble["reason"]): Trouble => ({
  doing,
  reason,
  address: "http://tempo:3200",
  said: "no connection (Connection refused)",
  hint: "Start Tempo.",
});

const store = (...troubles: Trouble[]): StoreKind => ({
  kind: "lgtm",
  not_written: null,
  backends: [
    { name: "Tempo", address: "http://tempo:3200", otlp_address: "http://tempo:4318", ok: !troubles.length, troubles, answered_unix_nano: null, taken_unix_nano: null },
  ],
  objects: "file:///objects",
  objects_trouble: null,
  search_lag_s: 30,
  traces_since_unix_nano: "0",
  logs_since_unix_nano: "0",
  partial_traces: 0,
  missing: [{ feature: "erase", reason: "Tempo cannot." }],
});

describe("troublesOf", () => {
  it("has nothing to say while all is well", () => {
    expect(troublesOf(store())).toEqual([]);
  });

  it("says why nothing new is kept before it tells of backends", () => {
    const not_written = { said: "The data folder /data can't be written (Read-only file system).", hint: "What is stored can be read." };
    const [folder, backend] = troublesOf({ ...store(trouble("writing", "busy")), not_written });
    expect(folder).toEqual({ key: "data folder", ...not_written, means: "Nothing new is kept; senders come again." });
    expect(backend?.key).toBe("Tempo writing");
    expect(troublesOf({ ...store(), kind: "embedded", backends: [], not_written })).toHaveLength(1);
  });

  it("names the backend, its address, its answer and what to set", () => {
    const [one] = troublesOf(store(trouble("reading", "down")));
    expect(one?.said).toBe("Tempo at http://tempo:3200: no connection (Connection refused).");
    expect(one?.means).toBe("What was read before is shown.");
    expect(one?.hint).toBe("Start Tempo.");
  });

  it("tells of the object store after the backends", () => {
    const objects_trouble = { said: "The object store s3://team failed: 403.", hint: "Look at the credentials." };
    const found = troublesOf({ ...store(trouble("reading", "down")), objects_trouble });
    expect(found.map((one) => one.key)).toEqual(["Tempo reading", "objects"]);
    expect(found[1]?.said).toBe(objects_trouble.said);
    expect(found[1]?.means).toContain("not taken");
  });

  it("tells one reason once, and two reasons apart", () => {
    expect(troublesOf(store(trouble("reading", "down"), trouble("writing", "down")))).toHaveLength(1);
    expect(troublesOf(store(trouble("reading", "down"), trouble("writing", "busy")))).toHaveLength(2);
  });
});

describe("lagOf", () => {
  it("says how far lists are behind", () => {
    expect(lagOf(store())).toContain("after about 30 s");
    expect(lagOf({ ...store(), search_lag_s: 120 })).toContain("2 min");
    expect(lagOf({ ...store(), search_lag_s: 0 })).toBeNull();
    expect(lagOf({ ...store(), kind: "embedded" })).toBeNull();
  });
});

describe("shortOf", () => {
  const whole = { ...store(), traces_since_unix_nano: "1000" };

  it("is the time from which on figures are whole, if the range begins before it", () => {
    expect(shortOf(whole, 999n)).toBe(1000n);
    expect(shortOf(whole, undefined)).toBe(1000n);
    expect(shortOf(whole, 1000n)).toBeNull();
    expect(shortOf({ ...whole, kind: "embedded" }, 1n)).toBeNull();
    expect(shortOf(undefined, 1n)).toBeNull();
  });
});

describe("missingWhy", () => {
  it("has the reason of what is missing", () => {
    expect(missingWhy(store(), "erase")).toBe("Tempo cannot.");
    expect(missingWhy(store(), "pin")).toBeNull();
    expect(missingWhy(undefined, "erase")).toBeNull();
  });
});
