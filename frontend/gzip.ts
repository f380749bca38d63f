/** Writes NAME.gz beside what the build made and is worth packing: nothing is packed while a page waits. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const LEAST = 1_400; // Below this it is one packet of a network as it is.

export function gzip(): Plugin {
  return {
    name: "gzip",
    apply: "build",
    // From the files as they lie there: other plugins change them until they are written.
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((one) => /\.(js|css|html|svg)$/.test(one))) {
        const file = join(options.dir ?? "", name);
        const content = readFileSync(file);
        // gzipSync writes no time into its head: the same sources give the same bytes.
        if (content.length >= LEAST) writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
