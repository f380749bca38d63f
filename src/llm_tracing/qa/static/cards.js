// What stands in the conversation: a question, a pending answer, an answer, an error. Plain DOM, text only.

import { cell, count, duration } from "./format.js";
import { laidOut, sqlPieces } from "./sql.js";

const FIRST_ROWS = 10;
const MORE_ROWS = 50;

export function questionBubble(text) {
  return element("p", "question", text);
}

export function waitingCard() {
  const card = element("div", "card waiting");
  card.setAttribute("role", "status");
  card.append(element("span", "hidden", "Working on the answer"), line(70), line(45));
  return card;
}

export function errorCard({ message, hint }, traceUrl = null) {
  const card = element("article", "card failed");
  card.append(mark("No answer", "error"), element("p", "answer", message));
  if (hint) card.append(element("p", "hint", hint));
  if (traceUrl) {
    const bar = element("footer", "foot");
    bar.append(traceLink(traceUrl));
    card.append(bar);
  }
  return card;
}

export function answerCard(body) {
  const card = element("article", "card");
  if (body.refused) card.append(mark("Refused", "warning"));
  else if (body.error) card.append(mark("Not answered", "error"));
  else if (body.sql === null) card.append(mark("Not answerable from this database", "warning"));
  if (body.error?.code === "statement_failed" && body.error.hint) card.append(element("p", "hint", body.error.hint));
  card.append(element("p", "answer", body.answer));
  if (body.attempts.length && !body.error) card.append(corrected(body.attempts[0]));
  if (body.sql) card.append(statement(body.sql));
  if (body.columns.length) card.append(rowsView(body));
  card.append(foot(body));
  return card;
}

function corrected(attempt) {
  const details = element("details", "note");
  details.append(element("summary", "", "The first statement was not usable; the model was told and wrote another"));
  details.append(element("p", "hint", attempt.problem));
  if (attempt.sql) details.append(code(attempt.sql));
  return details;
}

function statement(sql) {
  const block = element("section", "sql");
  const head = element("div", "block-head");
  const copy = element("button", "quiet", "Copy");
  copy.type = "button";
  copy.setAttribute("aria-label", "Copy the SQL statement");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(sql);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Not copied";
    }
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  head.append(element("h3", "", "SQL"), copy);
  block.append(head, code(laidOut(sql)));
  return block;
}

function code(sql) {
  const pre = element("pre", "");
  const inner = element("code", "");
  for (const piece of sqlPieces(sql)) {
    inner.append(piece.kind === "plain" ? piece.text : element("span", `sql-${piece.kind}`, piece.text));
  }
  pre.append(inner);
  return pre;
}

function rowsView(body) {
  const block = element("section", "rows");
  const head = element("div", "block-head");
  const size = count(body.row_count, "row");
  head.append(element("h3", "", "Rows"), element("span", "muted", body.truncated ? `first ${size}, there are more` : size));
  block.append(head);
  if (body.row_count === 0) {
    block.append(element("p", "hint empty", "The statement ran and gave no rows."));
    return block;
  }
  const numeric = body.columns.map((_, at) =>
    body.rows.every((row) => row[at] === null || typeof row[at] === "number"),
  );
  const scroller = element("div", "scroller");
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", "Rows of the result");
  const table = element("table", "");
  const names = table.createTHead().insertRow();
  body.columns.forEach((name, at) => {
    const th = element("th", numeric[at] ? "number" : "", name);
    th.scope = "col";
    names.append(th);
  });
  const tbody = table.createTBody();
  scroller.append(table);
  block.append(scroller);
  showMore(block, tbody, body.rows, numeric, 0, FIRST_ROWS);
  return block;
}

/** Rows come in portions: a thousand of them would make the page slow, and nobody reads them at once. */
function showMore(block, tbody, rows, numeric, from, portion) {
  for (const row of rows.slice(from, from + portion)) {
    const tr = tbody.insertRow();
    row.forEach((value, at) => {
      const td = tr.insertCell();
      td.textContent = cell(value);
      if (value === null) td.className = "null";
      else if (numeric[at]) td.className = "number";
    });
  }
  const left = rows.length - from - portion;
  if (left <= 0) return;
  const more = element("button", "quiet more", left <= MORE_ROWS ? `Show ${left} more` : `Show ${MORE_ROWS} more of ${left}`);
  more.type = "button";
  more.addEventListener("click", () => {
    more.remove();
    showMore(block, tbody, rows, numeric, from + portion, MORE_ROWS);
  });
  block.append(more);
}

function foot(body) {
  const bar = element("footer", "foot");
  bar.append(element("span", "", duration(body.duration_ms)));
  if (body.usage) {
    const tokens = element("span", "", count(body.usage.total_tokens, "token"));
    tokens.title = `${body.usage.input_tokens} in, ${body.usage.output_tokens} out`;
    bar.append(tokens);
  }
  bar.append(element("span", "", body.model));
  bar.append(traceLink(body.trace_url));
  return bar;
}

function traceLink(url) {
  if (!url || !/^https?:\/\//.test(url)) return element("span", "trace muted", "not traced");
  const link = element("a", "trace", "What happened?");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function mark(word, kind) {
  const line = element("p", `mark ${kind}`);
  const icon = element("span", "mark-icon", kind === "error" ? "\u2715" : "!");
  icon.setAttribute("aria-hidden", "true");
  line.append(icon, word);
  return line;
}

function line(width) {
  const bar = element("span", `bone bone-${width}`);
  bar.setAttribute("aria-hidden", "true");
  return bar;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
