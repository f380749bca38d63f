/** Has a browser compile the scripts that a page runs before its first rows while they arrive, beside the page.
 *
 * Otherwise each function is compiled when it is first called, on the thread that draws. The comment must stand on top.
 * Source: V8, "Giving V8 a heads-up: faster JavaScript startup with explicit compile hints"; other browsers pass over it.
 */
import type { Plugin } from "vite";

const COMMENT = "//# allFunctionsCalledOnLoad\n";

/** `names` are those of the chunks; one that the build does not make is an error. */
export function atOnce(names: readonly string[]): Plugin {
  return {
    name: "at-once",
    apply: "build",
    generateBundle: {
      // The last: others write above the script too.
      order: "post",
      handler(_, bundle) {
        for (const name of names) {
          const chunk = Object.values(bundle).find((one) => one.type === "chunk" && one.name === name);
          if (chunk?.type !== "chunk") this.error(`No chunk is called ${name}: name those of vite.config.ts that are.`);
          chunk.code = COMMENT + chunk.code;
        }
      },
    },
  };
}
