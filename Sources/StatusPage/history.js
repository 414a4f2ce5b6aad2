// ---- The history

const HEIGHT = 150;
const PLOT = { left: 46, right: 6, top: 10, bottom: 130 };
const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
const column = (name) => past.slots.map((slot) => slot?.[name] ?? null);

let past = null;
let cursor = null;

/** Values through time: stacked bars, or lines. The arrow keys and the pointer read values. */
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
      : `${slotTime(cursor)}: ${slot ? this.words(slot) : "no requests"}`;
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
  ? `median ${took(first_token_p50_ms)}, p95 ${took(first_token_p95_ms)}` : "nothing answered";
const tokenWords = ({ completion_tokens, prompt_tokens }) =>
  `${counted(completion_tokens)} written, ${counted(prompt_tokens)} read`;
const totals = (...names) => Object.fromEntries(names.map((name) => [name, sum(column(name))]));
const soFar = (words) => (past.buckets.length ? words() : past.range === "all" ? "no requests yet" : `no requests in this ${past.range}`);

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

/** The labels under the axis. */
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
