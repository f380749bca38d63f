import { describe, expect, test } from "vitest";
import { markdownToHtml } from "./markdown";

/** Tags in the result, without their attributes. */
function tags(html: string): string[] {
  return [...html.matchAll(/<([a-z0-9]+)/gi)].map((match) => (match[1] ?? "").toLowerCase());
}

describe("hostile Markdown", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick=alert(1)>bold</b>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    "<!-- comment --><math><mi//xlink:href='data:x'>",
  ])("%s stands there as text", (text) => {
    const html = markdownToHtml(text);
    expect(tags(html).filter((tag) => !["p", "br"].includes(tag))).toEqual([]);
    expect(html).toContain("&lt;");
  });

  test.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "/relative", "file:///etc/passwd"])(
    "a link to %s is no link",
    (target) => {
      const html = markdownToHtml(`[click](${target}) <${target}>`);
      expect(tags(html)).not.toContain("a");
    },
  );

  test("images are links, never loaded", () => {
    const html = markdownToHtml("![a picture](https://evil.example/pixel.png)");
    expect(tags(html)).toEqual(["p", "a"]);
    expect(html).toContain("image: a picture");
  });

  test("a name or address cannot break out of its attribute", () => {
    const html = markdownToHtml('[x](https://a.example/"onmouseover="alert(1)) ![y" onerror="z](https://a.example)');
    expect(html).not.toMatch(/<[^>]*\son\w+=/i);
  });
});

test("links open apart and tell nothing of where they were", () => {
  expect(markdownToHtml("[docs](https://example.com/?a=1&b=2)").trim()).toBe(
    '<p><a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">docs</a></p>',
  );
});

test("Markdown is set", () => {
  expect(tags(markdownToHtml("# Top\n\n- one\n- **two**\n\n| a |\n|---|\n| 1 |"))).toEqual(
    ["h1", "ul", "li", "li", "strong", "table", "thead", "tr", "th", "tbody", "tr", "td"],
  );
});

test("COUNT(*) keeps its stars", () => {
  expect(markdownToHtml("SELECT COUNT(*) AS n FROM t ORDER BY COUNT(*)")).toBe("<p>SELECT COUNT(*) AS n FROM t ORDER BY COUNT(*)</p>\n");
});

test("SQL in a fence has its words coloured and escaped", () => {
  expect(markdownToHtml("```sql\nSELECT 1 < 2\n```")).toBe(
    '<pre><code><span class="sql-keyword">SELECT</span> <span class="sql-number">1</span> &lt; <span class="sql-number">2</span></code></pre>',
  );
});
