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
  if (reply.status === 401) throw new Problem("Key no longer accepted: reload the page");
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

/** Asks again and again while the page is visible, and less and less often while the server does not answer. */
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
