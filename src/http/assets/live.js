/**
 * Keeps a page current: hears on `/events` that something changed, reads the page again, and patches
 * what differs. Without this script, reloading does the same.
 */
import { patch } from "./patch.js";

/** All in ms. */
const AFTER_CHANGE = 100;
const APART = 1_000;
const AGAIN = 5_000;
/** Ages and durations grow without any event. */
const AT_LEAST_EVERY = 30_000;

const main = document.querySelector("main");
const light = document.getElementById("live");
const news = document.getElementById("news");

let source = null;
let timer = null;
let reading = false;
let wanted = false;
let lastRead = Date.now();
let apart = APART;

function connect() {
  if (source !== null || document.hidden) return;
  const { events } = main.dataset;
  const log = logBox();
  // Its log is shown up to a byte; what was printed since then follows.
  source = new EventSource(log === null ? events : `${events}&from=${log.dataset.from}`);
  source.about = events;
  source.addEventListener("changed", ({ data }) => {
    // The first comes once no change is missed any more; the page may be older than that.
    say("live");
    announce(JSON.parse(data));
    soon();
  });
  source.addEventListener("log", ({ data, lastEventId }) => {
    append(JSON.parse(data), lastEventId);
  });
  source.addEventListener("error", () => {
    say("not live");
    if (source?.readyState !== EventSource.CLOSED) return;
    disconnect();
    setTimeout(connect, AGAIN);
  });
}

function disconnect() {
  source?.close();
  source = null;
}

function say(state) {
  light.textContent = state;
  light.hidden = false;
}

function announce(changes) {
  if (changes.length === 0) return;
  const told = changes.slice(0, 3).map(({ item, stage, status }) => `${item}: ${stage}, ${status}`);
  news.textContent = told.join("; ");
}

function logBox() {
  return document.querySelector("[data-log]");
}

function append(text, upTo) {
  const log = logBox();
  if (log === null) return;
  log.dataset.from = upTo;
  const box = log.scrollHeight > log.clientHeight ? log : document.scrollingElement;
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  document.querySelector("[data-nothing]")?.remove();
  log.append(text);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

/** Reads the page again, soon, and never twice at once. */
function soon() {
  wanted = true;
  if (timer !== null || reading) return;
  timer = setTimeout(readAgain, Math.max(AFTER_CHANGE, lastRead + apart - Date.now()));
}

async function readAgain() {
  timer = null;
  if (isBusy()) {
    timer = setTimeout(readAgain, APART);
    return;
  }
  wanted = false;
  reading = true;
  const from = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    else say(answer.status === 401 ? "logged out" : "not live");
  } catch {
    // The host can't be reached; the next event, or the next try, reads again.
    say("not live");
  }
  reading = false;
  lastRead = Date.now();
  // A host that is slow to answer is asked less often.
  apart = Math.max(APART, 10 * (lastRead - from));
  if (wanted) soon();
}

/** Whoever chooses in a form, or has marked text, isn't interrupted. */
function isBusy() {
  const chooses = document.activeElement?.matches("select, input, textarea");
  const marked = getSelection();
  return chooses || (marked !== null && !marked.isCollapsed && main.contains(marked.anchorNode));
}

function show(page) {
  const fresh = page.querySelector("main");
  if (fresh === null) return;
  const focused = document.activeElement?.id;
  document.title = page.title;
  patch(main, fresh);
  // A card that moved to another column was made anew.
  if (focused && document.activeElement === document.body)
    document.getElementById(focused)?.focus();
  if (source !== null && source.about !== main.dataset.events) {
    disconnect();
    connect();
  }
}

document.addEventListener("visibilitychange", () => {
  // A browser opens few connections to one host: pages out of sight give theirs back.
  if (document.hidden) disconnect();
  else connect();
});
setInterval(() => {
  if (!document.hidden && Date.now() - lastRead > AT_LEAST_EVERY) soon();
}, APART);
const box = logBox();
if (box !== null) box.scrollTop = box.scrollHeight;
connect();
