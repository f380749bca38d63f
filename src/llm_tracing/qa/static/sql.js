// SQL in pieces for light highlighting. Pure: text in, pieces out; joined, the pieces are the text again.

const WORDS = new Set(
  (
    "select from where group by having order limit offset join inner left right full outer cross on using as and or not " +
    "in is null like ilike between exists case when then else end distinct union all intersect except with recursive " +
    "asc desc nulls first last over partition filter values true false interval cast collate escape"
  ).split(" "),
);

const PIECE =
  /(?<comment>--[^\n]*|\/\*[^]*?\*\/)|(?<string>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[A-Za-z_]\w*)|(?<rest>[^])/g;

/** @returns {{kind: "keyword"|"function"|"string"|"number"|"comment"|"plain", text: string}[]} */
export function sqlPieces(sql) {
  const pieces = [];
  const push = (kind, text) => {
    const last = pieces.at(-1);
    if (last && last.kind === kind && kind === "plain") last.text += text;
    else pieces.push({ kind, text });
  };
  for (const match of sql.matchAll(PIECE)) {
    const { comment, string, number, word } = match.groups;
    const text = match[0];
    if (comment) push("comment", text);
    else if (string) push("string", text);
    else if (number) push("number", text);
    else if (word && WORDS.has(word.toLowerCase())) push("keyword", text);
    else if (word && sql[match.index + text.length] === "(") push("function", text);
    else push("plain", text);
  }
  return pieces;
}

// Clauses that start a line when a statement came as one line.
const CLAUSE =
  /\s+(?=(?:from|where|group by|having|order by|limit|union(?: all)?|(?:left |right |inner |full |cross )?(?:outer )?join)\b)/gi;

/** Break a long one-line statement before its clauses; text inside quotes or several lines is left alone. */
export function laidOut(sql) {
  if (sql.includes("\n") || sql.length < 60) return sql;
  return sql
    .split(/('(?:[^']|'')*'|"(?:[^"]|"")*")/)
    .map((part, index) => (index % 2 ? part : part.replace(CLAUSE, "\n")))
    .join("");
}
