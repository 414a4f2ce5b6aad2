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
    return showTile(id, counted(made), "made", "No limit.");
  }
  const left = Math.max(0, remaining);
  const level = left === 0 ? "out" : left <= limit / 10 ? "low" : "fine";
  mark(part(id), "data-level", level);
  mark(gauge, "aria-valuemax", limit);
  mark(gauge, "aria-valuenow", left);
  mark(gauge, "aria-valuetext", `${left} of ${limit} left`);
  gauge.firstElementChild.style.width = `${(100 * left) / Math.max(1, limit)}%`;
  showTile(id, counted(left), `of ${counted(limit)} left`, level === "out" ? noteWhenUsedUp : note);
}

/** What changes every second without any news. */
function showTimes() {
  if (!report) return;
  const { budget, load } = report;
  const reset = isKnown(budget.day.reset_at)
    ? `Resets in ${span(budget.day.reset_at - serverTime())}, at ${at(minutes, budget.day.reset_at)}.` : "";
  showBudget("budget-day", budget.day, `Used up. ${reset}`, reset);
  showBudget("budget-minute", budget.minute, "Used up: requests wait in the queue.", `${counted(budget.minute.made)} made.`);
  showTile("load", counted(load.requests), load.requests === 1 ? "request" : "requests",
    `${load.waiting ? `${counted(load.waiting)} of them in the queue. ` : ""}${plural(load.connections, "connection")}.`);
  showTile("server", (load.memory_kilobytes / 1024).toFixed(1), "MB", `${plural(load.open_descriptors, "open descriptor")}.`);
  write(part("origin"), [
    `in front of ${report.upstream}`, report.free_mode ? "free models only" : "all models",
    `running since ${at(days, report.started_at)} (${span(Math.floor((serverTime() - report.started_at) / 60) * 60)})`,
  ].join(" · "));
  for (const model of report.models) {
    const item = models.items.get(model.id);
    if (item) write(item.fields.cooldown, cooldownOf(model));
  }
}

// ---- The models

const COLUMNS = {
  rank: (model) => model.rank, id: (model) => model.id, context: (model) => model.context_length,
  tools: (model) => Number(model.tools), vision: (model) => Number(model.vision),
  thinking: (model) => Number(model.thinking), state: (model) => model.state,
  cooldown: (model) => (model.state === "cooldown" ? model.cooldown_seconds : null), success: (model) => model.success_rate,
  first: (model) => model.first_token_seconds, speed: (model) => model.tokens_per_second,
};
// The models with the most of these are the interesting ones.
const DESCENDING_FIRST = new Set(["context", "tools", "vision", "thinking", "cooldown", "success", "speed"]);

const models = new KeyedList(part("models-rows"), "model-template");
const choices = new KeyedList(part("try-model"), "choice-template");
const sorting = { column: "rank", descending: false };
let showsAllModels = false;

function cooldownOf(model) {
  if (model.state !== "cooldown") return UNKNOWN;
  return known(model.cooldown_seconds, (left) => span(left - sinceReceived()));
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
    state: model.state, cooldown: cooldownOf(model), success: share(model.success_rate),
    reason: model.state === "cooldown"
      ? `${inWords(model.reason)}${failures > 1 ? `, ${counted(failures)} in a row` : ""}` : "",
    first: known(model.first_token_seconds, (first) => took(first * 1000)),
    speed: known(model.tokens_per_second, (speed) => speed.toFixed(1)),
  };
  for (const [name, value] of Object.entries(values)) write(fields[name], value);
  mark(fields.success, "title", plural(model.attempts, "recent attempt"));
  mark(row, "data-state", model.state);
}

/** Shows how many there are, and the button for those after the first. */
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
  // In an order that does not change while you choose.
  choices.update(["auto", ...all.map(({ id }) => id).sort()], (id) => id, (fields, id, option) => {
    mark(option, "value", id);
    write(option, id === "auto" ? "auto: the best for the request" : id);
  });
  const account = report.failures.find((failure) => failure.model === "*" && failure.in_cooldown);
  part("account").hidden = !account;
  if (account) {
    write(part("account"), `All free models are in cooldown until ${at(days, account.cooldown_until)}: ${inWords(account.kind)}.`);
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
      request.waited_ms > 0 && `${took(request.waited_ms)} in the queue`,
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

// Clients may use one id for several requests.
const keyOf = ({ id, at, duration_ms: took }) => `${id} ${at} ${took}`;

function showRequests() {
  if (!report) return;
  // A request that is open stays, even when newer requests push it beyond the first rows.
  const isRead = (request) => {
    const node = requests.items.get(keyOf(request))?.node;
    return node?.firstElementChild.open || node?.contains(document.activeElement);
  };
  const all = report.requests;
  const shown = showsAllRequests ? all : all.filter((request, index) => index < ROWS_AT_FIRST || isRead(request));
  requests.update(shown, keyOf, showRequest);
  showCount("requests", all.length, showsAllRequests,
    all.length ? `the last ${plural(all.length, "request")}` : "No requests yet.");
}
