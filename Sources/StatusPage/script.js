"use strict";

// The page lies at PREFIX/status, and everything that it asks for beside it. An address that was opened with credentials
// in it must lose them here: fetch refuses such addresses, and the browser sends the credentials by itself.
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
  rate_limited: "rate limited", account_limited: "account limited", unpaid: "credits missing",
  key_rejected: "key rejected", unavailable: "unavailable", gone: "no longer there", not_offered: "not offered",
  refused: "request refused", too_long: "request too long", invalid_request: "invalid request", empty: "empty answer",
  silent: "silent too long", broken: "answer broke off", malformed: "not an answer", network: "connection failed",
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

/** A time that something took. */
function took(milliseconds) {
  if (!isKnown(milliseconds)) return UNKNOWN;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60000 ? `${(milliseconds / 1000).toFixed(1)} s` : span(milliseconds / 1000);
}

/** A time that lies between now and then, in the two units that matter. */
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

// ---- The state, the budget, the load

// Not named status and history, because the window has properties of these names.
let report = null;
let received = 0;
const sinceReceived = () => (performance.now() - received) / 1000;
const serverTime = () => report.now + sinceReceived();

function showState(state) {
  mark(part("state"), "data-state", state);
  mark(document.body, "data-busy", state !== "unknown" && report.load.requests > 0);
  write(document.querySelector("title"), `${STATES[state] ?? state} – ollama-proxy`);
  // The icon cannot be styled from outside; its colours are those of both themes in one.
  const colour = { ready: "%230d8a74", limited: "%23c27c0e", failing: "%23cf3b2f" }[state] ?? "gray";
  const icon = part("icon");
  const address = icon.href.replace(/fill='[^']*'/, `fill='${colour}'`);
  if (icon.href !== address) icon.href = address;
}

function showSummary() {
  showState(report.state);
  write(part("summary"), report.summary);
  write(part("version"), report.version);
}

const tiles = Object.fromEntries(
  ["budget-day", "budget-minute", "load", "server"].map((id) => [id, fieldsOf(part(id))]));

function showTile(id, value, unit, note) {
  write(tiles[id].value, value);
  write(tiles[id].unit, unit);
  write(tiles[id].note, note);
}

function showBudget(id, { made, limit, remaining }, noteWhenUsedUp, note) {
  const gauge = part(id).querySelector(".gauge");
  gauge.hidden = !isKnown(limit);
  if (gauge.hidden) {
    mark(part(id), "data-level", "fine");
    return showTile(id, counted(made), "made", "Nothing is held back.");
  }
  const left = Math.max(0, remaining);
  const level = left === 0 ? "out" : left <= limit / 10 ? "low" : "fine";
  mark(part(id), "data-level", level);
  mark(gauge, "aria-valuemax", limit);
  mark(gauge, "aria-valuenow", left);
  mark(gauge, "aria-valuetext", `${left} of ${limit} are left`);
  gauge.firstElementChild.style.width = `${(100 * left) / Math.max(1, limit)}%`;
  showTile(id, counted(left), `of ${counted(limit)} left`, level === "out" ? noteWhenUsedUp : note);
}

/** What changes with every second, though nothing new has come. */
function showTimes() {
  if (!report) return;
  const { budget, load } = report;
  const anew = isKnown(budget.day.reset_at)
    ? `Begins anew in ${span(budget.day.reset_at - serverTime())}, at ${at(minutes, budget.day.reset_at)}.` : "";
  showBudget("budget-day", budget.day, `Used up. ${anew}`, anew);
  showBudget("budget-minute", budget.minute, "Used up: requests wait for their turn.", `${counted(budget.minute.made)} made.`);
  showTile("load", counted(load.requests), load.requests === 1 ? "request" : "requests",
    `${load.waiting ? `${counted(load.waiting)} of them wait for their turn. ` : ""}${plural(load.connections, "connection")}.`);
  showTile("server", (load.memory_kilobytes / 1024).toFixed(1), "MB", `${plural(load.open_descriptors, "open descriptor")}.`);
  write(part("origin"), [
    `in front of ${report.upstream}`, report.free_mode ? "free models only" : "all models, as they are asked for",
    `runs since ${at(days, report.started_at)} (${span(Math.floor((serverTime() - report.started_at) / 60) * 60)})`,
  ].join(" · "));
  for (const model of report.models) {
    const item = models.items.get(model.id);
    if (item) write(item.fields.rest, restOf(model));
  }
}

// ---- The models

const COLUMNS = {
  rank: (model) => model.rank, id: (model) => model.id, context: (model) => model.context_length,
  tools: (model) => Number(model.tools), vision: (model) => Number(model.vision),
  thinking: (model) => Number(model.thinking), state: (model) => model.state,
  rest: (model) => (model.state === "resting" ? model.rests_for_seconds : null), success: (model) => model.success_rate,
  first: (model) => model.first_token_seconds, speed: (model) => model.tokens_per_second,
};
// What is asked of these columns is mostly which model has most of it.
const DESCENDING_FIRST = new Set(["context", "tools", "vision", "thinking", "rest", "success", "speed"]);

const models = new KeyedList(part("models-rows"), "model-template");
const choices = new KeyedList(part("try-model"), "choice-template");
const sorting = { column: "rank", descending: false };
let showsAllModels = false;

function restOf(model) {
  if (model.state !== "resting") return UNKNOWN;
  return known(model.rests_for_seconds, (rest) => span(rest - sinceReceived()));
}

/** Unknown values come last, whichever way the others are sorted. */
function compareModels(one, other) {
  const [a, b] = [one, other].map(COLUMNS[sorting.column]);
  if (a === b) return one.rank - other.rank;
  if (!isKnown(a) || !isKnown(b)) return isKnown(a) ? -1 : 1;
  const order = typeof a === "string" ? a.localeCompare(b) : a - b;
  return sorting.descending ? -order : order;
}

function isWanted(model) {
  const text = part("models-text").value.trim().toLowerCase();
  return `${model.id} ${model.name}`.toLowerCase().includes(text)
    && [...part("models-filter").querySelectorAll(":checked")].every(({ value }) =>
      value === "ready" ? model.state === "ready" : model[value]);
}

function showModel(fields, model, row) {
  const failures = report.failures.find((failure) => failure.model === model.id)?.consecutive ?? 0;
  const values = {
    rank: counted(model.rank), id: model.id, name: model.name, context: compact(model.context_length),
    tools: model.tools ? "✓" : UNKNOWN, vision: model.vision ? "✓" : UNKNOWN, thinking: model.thinking ? "✓" : UNKNOWN,
    state: model.state, rest: restOf(model), success: share(model.success_rate),
    reason: model.state === "resting"
      ? `${inWords(model.reason)}${failures > 1 ? `, ${counted(failures)} in a row` : ""}` : "",
    first: known(model.first_token_seconds, (first) => took(first * 1000)),
    speed: known(model.tokens_per_second, (speed) => speed.toFixed(1)),
  };
  for (const [name, value] of Object.entries(values)) write(fields[name], value);
  mark(fields.success, "title", plural(model.attempts, "recent attempt"));
  mark(row, "data-state", model.state);
}

/** Says how many there are, and offers those that are not among the first. */
function showCount(prefix, found, showsAll, words) {
  write(part(`${prefix}-count`), words);
  const button = part(`${prefix}-more`);
  button.hidden = found <= ROWS_AT_FIRST;
  write(button, showsAll ? "Show fewer" : `Show all ${counted(found)}`);
}

function showModels() {
  if (!report) return;
  const all = report.models.map((model, index) => ({ ...model, rank: index + 1 }));
  const found = all.filter(isWanted).sort(compareModels);
  const shown = showsAllModels ? found : found.slice(0, ROWS_AT_FIRST);
  models.update(shown, (model) => model.id, showModel);
  showCount("models", found.length, showsAllModels,
    found.length === all.length ? plural(all.length, "model") : `${counted(found.length)} of ${plural(all.length, "model")}`);
  // In an order that does not change while somebody chooses.
  choices.update(["auto", ...all.map(({ id }) => id).sort()], (id) => id, (fields, id, option) => {
    mark(option, "value", id);
    write(option, id === "auto" ? "auto: the best for the request" : id);
  });
  const account = report.failures.find((failure) => failure.model === "*" && failure.resting);
  part("account").hidden = !account;
  if (account) {
    write(part("account"), `All free models rest until ${at(days, account.rests_until)}: ${inWords(account.kind)}.`);
  }
}

function sortBy(column) {
  sorting.descending = sorting.column === column ? !sorting.descending : DESCENDING_FIRST.has(column);
  sorting.column = column;
  for (const button of document.querySelectorAll("[data-column]")) {
    const order = button.dataset.column === column ? (sorting.descending ? "descending" : "ascending") : "none";
    mark(button.closest("th"), "aria-sort", order);
  }
  showModels();
}

// ---- The latest requests

const requests = new KeyedList(part("requests-list"), "request-template");
let showsAllRequests = false;

function showRequest(fields, request) {
  const values = {
    time: at(seconds, request.at), outcome: inWords(request.outcome), asked: request.asked,
    model: request.model === request.asked ? "" : request.model ?? "",
    attempts: request.attempts.length > 1 ? plural(request.attempts.length, "attempt") : "",
    tokens: isKnown(request.completion_tokens) ? plural(request.completion_tokens, "token") : "",
    duration: took(request.duration_ms),
    why: request.outcome === "failed" && request.attempts.length ? inWords(request.attempts.at(-1).outcome) : "",
    note: [
      `${request.route}, status ${request.status}`,
      request.waited_ms > 0 && `waited ${took(request.waited_ms)} for its turn`,
      isKnown(request.first_token_ms) && `first token after ${took(request.first_token_ms)}`,
      isKnown(request.prompt_tokens) && `${plural(request.prompt_tokens, "token")} read`,
      isKnown(request.completion_tokens) && `${counted(request.completion_tokens)} written`,
      `request ${request.id}`,
    ].filter(Boolean).join(" · "),
  };
  for (const [name, value] of Object.entries(values)) write(fields[name], value);
  mark(fields.time, "datetime", new Date(request.at * 1000).toISOString());
  mark(fields.outcome, "data-outcome", request.outcome);
  fields.keyedAttempts ??= new KeyedList(fields.list, "attempt-template");
  fields.keyedAttempts.update(request.attempts.map((attempt, index) => ({ ...attempt, index })),
    (attempt) => attempt.index, showAttempt);
}

function showAttempt(fields, attempt) {
  write(fields.outcome, inWords(attempt.outcome));
  mark(fields.outcome, "data-outcome", attempt.outcome);
  write(fields.model, attempt.model);
  write(fields.reason, attempt.reason);
  write(fields.took, took(attempt.ms));
}

function showRequests() {
  if (!report) return;
  // What somebody reads stays, even when newer requests push it beyond the first rows.
  const isRead = ({ id }) => {
    const node = requests.items.get(id)?.node;
    return node?.firstElementChild.open || node?.contains(document.activeElement);
  };
  const all = report.requests;
  const shown = showsAllRequests ? all : all.filter((request, index) => index < ROWS_AT_FIRST || isRead(request));
  requests.update(shown, (request) => request.id, showRequest);
  showCount("requests", all.length, showsAllRequests,
    all.length ? `the last ${plural(all.length, "request")}` : "No request has come yet.");
}

// ---- The history

const HEIGHT = 150;
const PLOT = { left: 46, right: 6, top: 10, bottom: 130 };
const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
const column = (name) => past.slots.map((slot) => slot?.[name] ?? null);

let past = null;
let cursor = null;

/** Values through time: bars that stand on each other, or lines. The arrow keys and the pointer read them off. */
class Chart {
  constructor(id, { series, isStacked, label, words, total }) {
    Object.assign(this, { series, isStacked, label, words, total, svg: part(id).querySelector("svg") });
    this.readout = part(id).querySelector(".readout");
    this.svg.addEventListener("pointermove", (event) => setCursor(this.slotAt(event.clientX)));
    this.svg.addEventListener("pointerdown", (event) => setCursor(this.slotAt(event.clientX)));
    this.svg.addEventListener("pointerleave", () => setCursor(null));
    this.svg.addEventListener("blur", () => setCursor(null));
    this.svg.addEventListener("keydown", (event) => this.step(event));
    new ResizeObserver(() => this.redraw()).observe(this.svg);
  }

  slotAt(clientX) {
    const place = (clientX - this.svg.getBoundingClientRect().left - PLOT.left) / this.slotWidth;
    return past && this.slotWidth && Math.min(past.slots.length - 1, Math.max(0, Math.floor(place)));
  }

  step(event) {
    const last = past ? past.slots.length - 1 : 0;
    const from = cursor ?? last + 1;
    const to = { ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageDown: from - 10, PageUp: from + 10, Home: 0, End: last, Escape: null }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setCursor(to === null ? null : Math.min(last, Math.max(0, to)));
  }

  redraw() {
    const width = this.svg.getBoundingClientRect().width;
    if (!past?.slots.length || !width) return;
    this.slotWidth = (width - PLOT.left - PLOT.right) / past.slots.length;
    const columns = this.series.map(column);
    const heights = past.slots.map((slot, index) => columns.map((values) => values[index] ?? 0));
    const highest = Math.max(...heights.map((values) => (this.isStacked ? sum(values) : Math.max(...values))));
    const step = tickStep(highest);
    this.top = Math.max(step, Math.ceil(highest / step) * step);
    mark(this.svg, "viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.replaceChildren(...this.grid(step, width), ...this.times(width), this.highlight(),
      ...this.series.map((name, index) => draw("path", { class: `${this.isStacked ? "bar" : "line"} series-${name}`,
        d: this.isStacked ? this.bars(columns, index) : this.line(columns[index]) })));
    this.showCursor();
  }

  x(slot) { return PLOT.left + slot * this.slotWidth; }
  y(value) { return PLOT.bottom - (value / this.top) * (PLOT.bottom - PLOT.top); }

  bars(columns, index) {
    const gap = this.slotWidth > 4 ? 1 : this.slotWidth / 5;
    return columns[index].map((value, slot) => {
      if (!value) return "";
      const below = sum(columns.slice(0, index).map((values) => values[slot]));
      return `M${this.x(slot)} ${this.y(below)}V${this.y(below + value)}h${this.slotWidth - gap}V${this.y(below)}z`;
    }).join("");
  }

  // Where nothing is known the line breaks; a value between two gaps is a line of no length, whose round ends make a dot.
  line(values) {
    return values.map((value, slot) => isKnown(value)
      ? `${isKnown(values[slot - 1]) ? "L" : "M"}${this.x(slot + 0.5)} ${this.y(value)}h0` : "").join("");
  }

  grid(step, width) {
    const marks = Array.from({ length: Math.round(this.top / step) + 1 }, (_, index) => index * step);
    return marks.flatMap((value) => [
      draw("line", { class: "grid", x1: PLOT.left, x2: width - PLOT.right, y1: this.y(value), y2: this.y(value) }),
      draw("text", { x: PLOT.left - 8, y: this.y(value) + 4, "text-anchor": "end" }, this.label(value)),
    ]);
  }

  times(width) {
    return past.slots.flatMap((_, slot) => {
      const text = timeLabel(slot);
      const x = this.x(slot);
      return text && x > PLOT.left + 8 && x < width - 16
        ? [draw("text", { x, y: HEIGHT - 4, "text-anchor": "middle" }, text)] : [];
    });
  }

  highlight() {
    const [y, height] = [PLOT.top, PLOT.bottom - PLOT.top];
    this.highlighted = draw("rect", { class: "cursor", y, height, width: Math.max(2, this.slotWidth) });
    return this.highlighted;
  }

  showCursor() {
    if (!this.highlighted) return;
    const last = past.slots.length - 1;
    const slot = cursor === null ? null : past.slots[cursor];
    const words = cursor === null ? this.total()
      : `${slotTime(cursor)}: ${slot ? this.words(slot) : "no request"}`;
    write(this.readout, words);
    this.readout.classList.toggle("at-cursor", cursor !== null);
    mark(this.highlighted, "visibility", cursor === null ? "hidden" : "visible");
    mark(this.highlighted, "x", this.x(cursor ?? last));
    for (const [name, value] of Object.entries({ valuemin: 0, valuemax: last, valuenow: cursor ?? last, valuetext: words })) {
      mark(this.svg, `aria-${name}`, value);
    }
  }
}

const outcomeWords = ({ answered, failed, client_left }) => [`${counted(answered)} answered`, `${counted(failed)} failed`,
  client_left && plural(client_left, "client left", "clients left")].filter(Boolean).join(", ");
const latencyWords = ({ first_token_p50_ms, first_token_p95_ms }) => isKnown(first_token_p50_ms)
  ? `half within ${took(first_token_p50_ms)}, 95 % within ${took(first_token_p95_ms)}` : "nothing answered";
const tokenWords = ({ completion_tokens, prompt_tokens }) =>
  `${counted(completion_tokens)} written, ${counted(prompt_tokens)} read`;
const totals = (...names) => Object.fromEntries(names.map((name) => [name, sum(column(name))]));
const soFar = (words) => (past.buckets.length ? words() : past.range === "all" ? "no request yet" : `no request in this ${past.range}`);

const charts = [
  new Chart("chart-requests", {
    series: ["answered", "failed", "client_left"], isStacked: true, label: compact, words: outcomeWords,
    total: () => soFar(() => outcomeWords(totals("answered", "failed", "client_left"))),
  }),
  new Chart("chart-first-token", {
    series: ["first_token_p95_ms", "first_token_p50_ms"], isStacked: false, label: took, words: latencyWords,
    total: () => soFar(() => `last, ${latencyWords(past.buckets.at(-1))}`),
  }),
  new Chart("chart-tokens", {
    series: ["completion_tokens", "prompt_tokens"], isStacked: true, label: compact, words: tokenWords,
    total: () => soFar(() => tokenWords(totals("completion_tokens", "prompt_tokens"))),
  }),
];

/** The distance of the grid's lines: a round number, of which there are about three. */
function tickStep(highest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest / 3)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= highest / 3);
}

const slotBegin = (slot) => past.from + slot * past.bucket_seconds;

/** The words under the axis, at the few times that deserve some. */
function timeLabel(slot) {
  const date = new Date(slotBegin(slot) * 1000);
  const isLabelled = {
    hour: date.getMinutes() % 15 === 0, day: date.getHours() % 6 === 0 && date.getMinutes() < 15,
    week: date.getHours() === 0, all: slot % Math.ceil(past.slots.length / 5) === 0,
  }[past.range];
  return isLabelled && at({ week: weekdays, all: dates }[past.range] ?? minutes, slotBegin(slot));
}

function slotTime(slot) {
  const [begin, end] = [slot, slot + 1].map((bound) => at(minutes, slotBegin(bound)));
  return { hour: begin, day: `${begin}–${end}`, week: `${at(weekdays, slotBegin(slot))} ${begin}–${end}` }[past.range]
    ?? at(dates, slotBegin(slot));
}

function setCursor(slot) {
  if (cursor === slot) return;
  cursor = slot;
  for (const chart of charts) chart.showCursor();
}

const chosenRange = () => document.querySelector("[name=range]:checked").value;

function showHistory(news) {
  const slots = Array(Math.round((news.to - news.from) / news.bucket_seconds)).fill(null);
  for (const bucket of news.buckets) slots[Math.round((bucket.at - news.from) / news.bucket_seconds)] = bucket;
  if (past?.range !== news.range) cursor = null;
  const isSame = past && JSON.stringify(past.news) === JSON.stringify(news);
  past = { ...news, news, slots };
  if (isSame) return;
  const isKept = slots.length > 0;
  part("history-none").hidden = isKept;
  part("charts").hidden = part("history-details").hidden = !isKept;
  for (const chart of charts) chart.redraw();
  showHistoryTable();
}

function showHistoryTable() {
  if (!past || !part("history-details").open) return;
  const format = past.range === "hour" ? minutes : days;
  part("history-rows").replaceChildren(...past.buckets.toReversed().map((bucket) => {
    const row = document.createElement("tr");
    for (const text of [at(format, bucket.at), counted(bucket.answered), counted(bucket.failed), counted(bucket.client_left),
      took(bucket.first_token_p50_ms), took(bucket.first_token_p95_ms), counted(bucket.prompt_tokens),
      counted(bucket.completion_tokens)]) row.insertCell().textContent = text;
    return row;
  }));
}

// ---- Trying a prompt

let trial = null;

/** The lines of a body, each as soon as it is whole. */
async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let { value, done } = await reader.read(); !done; ({ value, done } = await reader.read())) {
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
  yield rest;
}

async function problemOf(reply) {
  if (reply.status === 401) return "The key is no longer accepted: reload the page.";
  const said = await reply.json().catch(() => ({}));
  return said.error ?? `The server answers with status ${reply.status}.`;
}

/** Adds text, and keeps the end in view for those who have not scrolled away from it. */
function append(node, text) {
  const isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 8;
  node.append(text);
  if (isAtEnd) node.scrollTop = node.scrollHeight;
}

async function answerTo(prompt, model, signal) {
  const reply = await fetch(new URL("api/chat", base), {
    method: "POST", signal, headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: prompt }], stream: true }),
  });
  if (!reply.ok) throw new Problem(await problemOf(reply));
  const answering = reply.headers.get("X-Proxy-Model");
  if (answering) write(part("try-outcome"), `${answering} answers …`);
  for await (const line of linesOf(reply.body)) {
    if (!line.trim()) continue;
    const news = JSON.parse(line);
    if (news.error) throw new Problem(news.error);
    if (news.message?.thinking) {
      part("try-thinking").hidden = false;
      append(part("try-thinking").querySelector(".thought"), news.message.thinking);
    }
    if (news.message?.content) append(part("try-answer"), news.message.content);
    if (news.done) return { model: answering ?? news.remote_model ?? news.model, tokens: news.eval_count,
      attempts: Number(reply.headers.get("X-Proxy-Attempts")) };
  }
  throw new Problem("The answer broke off.");
}

function showTrial(isRunning) {
  // Neither disabled nor hidden while it has the focus, which would be lost.
  mark(part("try-send"), "aria-disabled", isRunning);
  if (document.activeElement === part("try-stop")) part("try-send").focus();
  part("try-stop").hidden = !isRunning;
  mark(part("try-answer"), "aria-busy", isRunning);
}

function clearTrial() {
  part("try-result").hidden = false;
  part("try-thinking").hidden = part("try-problem").hidden = true;
  part("try-answer").replaceChildren();
  part("try-thinking").querySelector(".thought").replaceChildren();
  write(part("try-outcome"), "Waiting for the first word …");
}

async function tryPrompt(event) {
  event.preventDefault();
  if (trial) return;
  trial = new AbortController();
  const begun = performance.now();
  clearTrial();
  showTrial(true);
  try {
    const { model, tokens, attempts } = await answerTo(part("try-prompt").value, part("try-model").value, trial.signal);
    // A reply that began with heartbeats could not say yet how many attempts it would take.
    const when = { 0: "", 1: " at the first attempt" }[attempts] ?? ` after ${plural(attempts, "attempt")}`;
    const length = tokens ? `, ${plural(tokens, "token")}` : "";
    write(part("try-outcome"), `${model} answered${when}${length} in ${took(performance.now() - begun)}.`);
  } catch (error) {
    write(part("try-outcome"), trial.signal.aborted ? "Stopped." : "");
    part("try-problem").hidden = trial.signal.aborted;
    write(part("try-problem"), error instanceof Problem ? error.message : "The connection to the server broke.");
  }
  trial = null;
  showTrial(false);
  showNow();
}

// ---- Keeping up to date

let timer = null;
let isPolling = false;
let pause = POLL_SECONDS;
let nextPoll = 0;
let nextHistory = 0;
let lastAnswer = null;

async function get(path) {
  const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  const reply = await fetch(new URL(path, base), { signal, cache: "no-store" }).catch(() => {
    throw new Problem("The server does not answer");
  });
  if (reply.status === 401) throw new Problem("The key is no longer accepted: reload the page");
  if (!reply.ok) throw new Problem(`The server answers with status ${reply.status}`);
  return reply.json().catch(() => {
    throw new Problem("The server's answer cannot be read");
  });
}

async function update() {
  report = await get("api/proxy/status");
  received = performance.now();
  showSummary();
  showModels();
  showRequests();
  showTimes();
  if (performance.now() < nextHistory) return;
  let news;
  do news = await get(`api/proxy/history?range=${chosenRange()}`);
  while (news.range !== chosenRange());
  nextHistory = performance.now() + HISTORY_SECONDS * 1000;
  showHistory(news);
}

/** Asks anew, and again after a while: as long as the page can be seen, and ever less often while nobody answers. */
async function poll() {
  clearTimeout(timer);
  if (document.hidden || isPolling) return;
  isPolling = true;
  try {
    await update();
    pause = POLL_SECONDS;
    lastAnswer = Date.now() / 1000;
    showNotice("");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 2);
    nextHistory = 0;
    showState("unknown");
    showNotice(`${error.message}.${lastAnswer ? ` What is shown is from ${at(seconds, lastAnswer)}.` : ""}`);
  } finally {
    isPolling = false;
    nextPoll = performance.now() + pause * 1000;
    timer = setTimeout(poll, pause * 1000);
    showSecond();
  }
}

function showNotice(text) {
  write(part("notice-text"), text);
  part("notice").classList.toggle("shown", text !== "");
  part("notice-button").hidden = text === "";
}

function showSecond() {
  showTimes();
  const left = Math.max(0, Math.ceil((nextPoll - performance.now()) / 1000));
  write(part("notice-retry"), part("notice-text").textContent ? `Next attempt in ${left} s.` : "");
}

function showNow() {
  nextHistory = 0;
  poll();
}

document.addEventListener("visibilitychange", poll);
part("notice-button").addEventListener("click", showNow);
for (const button of document.querySelectorAll("[data-column]")) button.addEventListener("click", () => sortBy(button.dataset.column));
part("models-filter").addEventListener("input", showModels);
part("models-filter").addEventListener("submit", (event) => event.preventDefault());
part("models-more").addEventListener("click", () => { showsAllModels = !showsAllModels; showModels(); });
part("requests-more").addEventListener("click", () => { showsAllRequests = !showsAllRequests; showRequests(); });
document.querySelector(".segments").addEventListener("change", showNow);
part("history-details").addEventListener("toggle", showHistoryTable);
part("try-form").addEventListener("submit", tryPrompt);
part("try-stop").addEventListener("click", () => trial?.abort());
part("try-prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) part("try-form").requestSubmit();
});
setInterval(showSecond, 1000);
poll();
