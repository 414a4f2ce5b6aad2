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
  if (reply.status === 401) return "Key no longer accepted: reload the page.";
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
