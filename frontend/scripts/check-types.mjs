// Fails when src/api/types.gen.ts is not what openapi.json gives: a renamed field then fails the build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "types-"));
try {
  const fresh = join(folder, "types.gen.ts");
  execFileSync(
    process.execPath,
    ["node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", fresh, "--root-types", "--root-types-no-schema-prefix"],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  if (readFileSync(fresh, "utf8") !== readFileSync("src/api/types.gen.ts", "utf8")) {
    console.error("src/api/types.gen.ts is stale: run `npm run types` and commit the result.");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
