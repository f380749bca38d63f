// The chat page. Whatever comes from the service or a person goes in as text, never as HTML.

import { answerCard, errorCard, questionBubble, waitingCard } from "./cards.js";

const EXAMPLES = [
  "list the most popular albums",
  "How many employees are there?",
  "Which country has the most customers?",
  "What are the total sales per year?",
  "Which genre has the most tracks?",
  "Who are the top 5 customers by total spent?",
];
const SESSION_KEY = "qa.session";
const USER_KEY = "qa.user";

const byId = (id) => document.getElementById(id);
const form = byId("form");
const field = byId("question");
const send = byId("send");
const talk = byId("talk");
const fresh = byId("fresh");

let busy = false;

for (const text of EXAMPLES) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", () => ask(text));
  item.append(button);
  byId("examples").append(item);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(field.value);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
field.addEventListener("input", fit);
fresh.addEventListener("click", () => {
  sessionStorage.removeItem(SESSION_KEY);
  talk.replaceChildren();
  byId("welcome").hidden = false;
  fresh.hidden = true;
  field.focus();
});

async function ask(text) {
  const question = text.trim();
  if (!question || busy) return field.focus();
  setBusy(true);
  byId("welcome").hidden = true;
  fresh.hidden = false;
  field.value = "";
  fit();

  const turn = document.createElement("li");
  const waiting = waitingCard();
  turn.append(questionBubble(question), waiting);
  talk.append(turn);
  turn.scrollIntoView({ block: "start" });

  let card;
  try {
    card = await fetchAnswer(question);
  } catch {
    card = errorCard({
      message: "The service cannot be reached.",
      hint: "Check that it is still running, then ask again.",
    });
  }
  waiting.replaceWith(card);
  turn.scrollIntoView({ block: "start" });
  setBusy(false);
  field.focus({ preventScroll: true });
}

async function fetchAnswer(question) {
  const response = await fetch("/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question, session_id: session(), user_id: user() }),
  });
  const body = await response.json();
  if (!response.ok) return errorCard(body.error, response.headers.get("X-Trace-Url"));
  byId("model").textContent = body.model;
  return answerCard(body);
}

/** One id per conversation and tab, so that its questions stand together. */
function session() {
  return kept(sessionStorage, SESSION_KEY, "", 8);
}

/** One name per browser: there is no login here that would know who asks. */
function user() {
  return kept(localStorage, USER_KEY, "guest-", 3);
}

function kept(storage, key, prefix, length) {
  let id = storage.getItem(key);
  if (!id) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    id = prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    storage.setItem(key, id);
  }
  return id;
}

function setBusy(now) {
  busy = now;
  send.disabled = now;
  document.body.toggleAttribute("data-busy", now);
}

/** The field grows with its text; the sheet sets the limit. */
function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
