/**
 * Markdown of prompts and answers as HTML. It is hostile input: HTML in it is shown as text, images are not
 * loaded (a request would tell their server who reads), links go to the web or to mail only.
 *
 * The first of two walls, free of the browser; ui/renderMarkdown.ts puts the sanitizer behind it.
 */
import { Marked, type Tokens } from "marked";
import { visible } from "./text";
import { tokenizeSql } from "../model/sql";

const LIKE_SQL = /^\s*(?:select|with)\s/i;
export const LINK = /^(?:https?:|mailto:)/i;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

function link(href: string, label: string): string {
  if (!LINK.test(href)) return `<span class="dead-link">${label} (${escape(href)})</span>`;
  return `<a href="${escape(href)}" target="_blank" rel="noopener noreferrer">${label}</a>`;
}

function sqlHtml(text: string): string {
  return tokenizeSql(text)
    .map((token) => (/^(?:keyword|string|number|comment)$/.test(token.kind) ? `<span class="sql-${token.kind}">${escape(token.text)}</span>` : escape(token.text)))
    .join("");
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  tokenizer: {
    // COUNT(*) is no emphasis, and two of them in one statement must not swallow their stars.
    emStrong(src, _masked, before) {
      return before === "(" && src.startsWith("*)") ? { type: "text", raw: "*", text: "*" } as unknown as Tokens.Em : false;
    },
  },
  renderer: {
    html: ({ text, block }: Tokens.HTML | Tokens.Tag) => (block ? `<p>${escape(text)}</p>` : escape(text)),
    code: ({ text, lang }: Tokens.Code) =>
      `<pre><code>${/^sql/i.test(lang ?? "") || LIKE_SQL.test(text) ? sqlHtml(text) : escape(text)}</code></pre>`,
    link({ href, tokens }: Tokens.Link) {
      return link(href, this.parser.parseInline(tokens));
    },
    image: ({ href, text }: Tokens.Image) => link(href, `image: ${escape(text || href)}`),
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? "☑ " : "☐ "),
  },
});

export function markdownToHtml(text: string): string {
  return marked.parse(visible(text)) as string;
}
