"use strict";

// The page is at PREFIX/status, and everything that it fetches beside it. Credentials in the address must be removed: fetch
// refuses addresses that contain them, and the browser sends them by itself.
const base = new URL(".", location.href);
base.username = base.password = "";

const POLL_SECONDS = 2;
const HISTORY_SECONDS = 15;
const LONGEST_PAUSE_SECONDS = 30;
const TIMEOUT_SECONDS = 10;
const ROWS_AT_FIRST = 12;

const STATES = { ready: "Ready", limited: "Limited", starting: "Starting", failing: "Failing", unknown: "No answer" };
const OUTCOMES = {
  answered: "answered", failed: "failed", client_left: "client left", shut_down: "shut down", given_up: "given up",
  rate_limited: "rate limited", account_limited: "account limited", unpaid: "no credits",
  key_rejected: "key rejected", unavailable: "unavailable", gone: "model gone", not_offered: "not offered",
  refused: "request refused", too_long: "request too long", invalid_request: "invalid request", empty: "empty answer",
  silent: "silent too long", broken: "answer broke off", malformed: "malformed response", network: "connection failed",
};

/** What went wrong, in words for the reader. */
class Problem extends Error {}

// ---- Small things

const part = (id) => document.getElementById(id);
const plural = (count, one, many = one + "s") => `${counted(count)} ${count === 1 ? one : many}`;
const isKnown = (value) => value !== null && value !== undefined;
/** Kinds that a newer server may know come as they are. */
const inWords = (outcome) => OUTCOMES[outcome] ?? String(outcome ?? "").replaceAll("_", " ");

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function mark(node, attribute, value) {
  if (node.getAttribute(attribute) !== String(value)) node.setAttribute(attribute, value);
}

function draw(name, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.textContent = text;
  return node;
}

const fieldsOf = (node) =>
  Object.fromEntries([...node.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, field]));

/** Children made from a template, one for each entry. They are kept, so that focus, open details and selections stay. */
class KeyedList {
  constructor(parent, template) {
    this.parent = parent;
    this.template = part(template).content.firstElementChild;
    this.items = new Map();
  }

  update(entries, keyOf, show) {
    const focused = document.activeElement;
    const keys = new Set(entries.map(keyOf));
    for (const [key, item] of this.items) {
      if (keys.has(key)) continue;
      item.node.remove();
      this.items.delete(key);
    }
    let place = this.parent.firstElementChild;
    for (const entry of entries) {
      const item = this.item(keyOf(entry));
      show(item.fields, entry, item.node);
      if (item.node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(item.node, place);
    }
    // A node that moves loses the focus.
    if (focused !== document.activeElement && this.parent.contains(focused)) focused.focus({ preventScroll: true });
  }

  item(key) {
    if (!this.items.has(key)) {
      const node = this.template.cloneNode(true);
      this.items.set(key, { node, fields: fieldsOf(node) });
    }
    return this.items.get(key);
  }
}

// ---- Numbers and times as they are read

const UNKNOWN = "–";
const wholeNumbers = new Intl.NumberFormat("en");
const compactNumbers = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const timeFormat = (options) => new Intl.DateTimeFormat("en-GB", options);
const minutes = timeFormat({ hour: "2-digit", minute: "2-digit" });
const seconds = timeFormat({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const weekdays = timeFormat({ weekday: "short" });
const dates = timeFormat({ day: "numeric", month: "short" });
const days = timeFormat({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const known = (value, words) => (isKnown(value) ? words(value) : UNKNOWN);
const counted = (count) => known(count, wholeNumbers.format);
const compact = (count) => known(count, compactNumbers.format);
const share = (value) => known(value, () => `${Math.round(value * 100)} %`);
const at = (format, time) => format.format(time * 1000);

/** How long something took. */
function took(milliseconds) {
  if (!isKnown(milliseconds)) return UNKNOWN;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60000 ? `${(milliseconds / 1000).toFixed(1)} s` : span(milliseconds / 1000);
}

/** A length of time, in its two largest units. */
function span(length) {
  const total = Math.max(0, Math.ceil(length));
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = units.findIndex(([size]) => total >= size);
  if (first < 0) return "0 s";
  return units.slice(first, first + 2)
    .map(([size, unit], index) => [Math.floor((index ? total % units[first][0] : total) / size), unit])
    .filter(([count], index) => count || !index)
    .map(([count, unit]) => `${count} ${unit}`).join(" ");
}
