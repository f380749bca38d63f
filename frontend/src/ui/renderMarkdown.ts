/** The second wall: whatever the Markdown became passes a sanitizer with a short list of what may be there. */
import DOMPurify from "dompurify";
import { LINK, markdownToHtml } from "../format/markdown";

const TAGS = [
  "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre", "blockquote",
  "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td", "span",
];
const ATTRIBUTES = ["href", "title", "target", "rel", "start", "class", "align"];

const purify = DOMPurify(window);

export function renderMarkdown(text: string): string {
  return purify.sanitize(markdownToHtml(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: LINK,
  });
}
