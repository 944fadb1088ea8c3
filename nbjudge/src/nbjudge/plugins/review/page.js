// The page of nbjudge review: shows one answer at a time, with keyboard shortcuts. The HTML of an answer
// has been sanitized by the server; the server's content security policy allows only this script.
"use strict";

const at = (id) => document.getElementById(id);
const state = { list: "answers", lists: [], number: null, last: null, answer: null, dirty: false, busy: false };
const drafts = new Map(); // unsaved input by list and answer
const RENEW = 60_000; // milliseconds between renewals of a claim; it expires after minutes
// Claims belong to a page, so two windows of a grader have different ids.
const page = [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");

async function ask(path, method = "GET", data = null) {
  const request = { method, headers: { "Nbjudge-Page": page } };
  if (method !== "GET") {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(data || {});
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Error("nbjudge review does not respond: is it still running in its terminal?");
  }
  const body = await response.json();
  if (!response.ok && response.status !== 409) throw new Error(body.message);
  return { changed: response.status === 409, body };
}

function say(text, error = false) {
  at("status").textContent = text;
  at("status").classList.toggle("error", error);
}

// Run one action at a time, and show its error if it fails.
async function run(action) {
  if (state.busy) return;
  state.busy = true;
  try {
    await action();
  } catch (error) {
    say(error.message, true);
  } finally {
    state.busy = false;
  }
}

const pathOf = (answer) => `${answer.list}/${answer.id}`;

// The fields do not have the type "number": an English browser would read "0,5" as 5.
function readNumber(field) {
  const text = field.value.trim().replace(",", ".").replace("−", "-");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
}

const signed = (points) => (points > 0 ? `+${points}` : `${points}`).replace("-", "−");

function showState(body) {
  state.grader = body.grader;
  state.list = body.list;
  state.lists = body.lists;
  const { total, waiting, held } = body;
  const number = body.number ?? (state.grader ? null : state.number);
  state.number = number;
  const parts = [`${waiting} of ${total} waiting`];
  if (number) parts.unshift(`Answer ${number} of ${total}`);
  if (held) parts.push(`${held} open in other pages`);
  at("progress").textContent = parts.join("; ");
  at("lists").hidden = state.lists.length < 2;
  at("lists").replaceChildren(...state.lists.map((list) => listButton(list, list.name === state.list)));
  at("list-key").hidden = at("lists").hidden;
}

function listButton(list, current) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${list.title} (${list.waiting})`;
  if (current) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => run(() => choose(list.name)));
  return button;
}

// Open the first waiting answer of a list; without one, the first answer or the final page.
async function choose(list) {
  const opened = (await step({ list, waiting: true })) || (!state.grader && (await step({ list })));
  if (!opened) finish();
}

function nextList() {
  const place = state.lists.findIndex((list) => list.name === state.list);
  run(() => choose(state.lists[(place + 1) % state.lists.length].name));
}

// Open another answer; return false if there is none.
async function step({ list = state.list, start = null, by = 1, waiting = false }) {
  const { body } = await ask(list, "POST", { start, by, waiting });
  if (!body.answer) {
    if (waiting) showState(body);
    return false;
  }
  keepDraft();
  showState(body);
  show(body.answer);
  return true;
}

function show(answer) {
  state.last = answer.id;
  at("done").hidden = true;
  at("review").hidden = false;
  fill(answer);
  const draft = drafts.get(pathOf(answer));
  if (draft) {
    enter(draft);
    say("Restored your input, which is not saved yet.");
  } else {
    const grading = state.list === "answers";
    say(answer.waiting || !grading ? "" : "This answer has been graded.");
  }
  scrollTo(0, 0);
  at("answer-heading").focus({ preventScroll: true });
}

function fill(answer) {
  answer.list = state.list;
  state.answer = answer;
  state.dirty = false;
  at("title").textContent = answer.title;
  at("student").textContent = answer.student;
  at("question").innerHTML = answer.question || "<p><em>The notebook has no text before this answer.</em></p>";
  at("answer").innerHTML = answer.answer || "<p><em>There is no answer.</em></p>";
  at("scheme").innerHTML = answer.scheme;
  at("scheme-box").hidden = !answer.scheme;
  at("by").textContent = answer.by;
  at("note").textContent = answer.note;
  at("note").hidden = !answer.note;
  showRequests(answer.requests);
  at("out-of").textContent = `of ${answer.out_of}`;
  at("points").value = answer.points ?? "";
  at("comments").hidden = answer.comment === null;
  at("comment").value = answer.comment ?? "";
  at("comment").placeholder = answer.said;
  at("conflict").hidden = true;
  showRubric(answer.rubric);
  showBank(answer.bank);
}

// The reasons in regrade requests are a student's text, so they are never HTML.
function showRequests(requests) {
  at("requests").hidden = !requests.length;
  at("requests").replaceChildren(
    ...requests.map((request) => {
      const row = document.createElement("li");
      row.textContent = request.reason;
      return row;
    }),
  );
}

function showRubric(items) {
  at("rubric").replaceChildren(
    ...items.map((item, index) => {
      const row = document.createElement("li");
      row.innerHTML =
        '<label><input type="checkbox"><span class="worth"></span><span class="text"></span></label>';
      const box = row.querySelector("input");
      box.checked = item.ticked;
      box.addEventListener("change", tick);
      row.querySelector(".worth").textContent = signed(item.points);
      row.querySelector(".text").innerHTML = item.html;
      if (index < 9) {
        const key = document.createElement("kbd");
        key.textContent = index + 1;
        row.prepend(key);
      }
      if (item.own) {
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "Remove";
        remove.setAttribute("aria-label", `Remove the rubric item ${index + 1}`);
        remove.addEventListener("click", () => changeRubric(`items/${item.key}`, "DELETE"));
        row.append(remove);
      }
      return row;
    }),
  );
}

function showBank(lines) {
  at("bank-box").hidden = !lines.length;
  at("bank").replaceChildren(
    ...lines.map((line, index) => {
      const row = document.createElement("li");
      const use = document.createElement("button");
      use.type = "button";
      use.textContent = line;
      if (index < 9) {
        const key = document.createElement("kbd");
        key.textContent = `⇧${index + 1}`;
        use.prepend(key, " ");
      }
      use.addEventListener("click", () => addComment(line));
      row.append(use);
      return row;
    }),
  );
}

const boxes = () => [...at("rubric").querySelectorAll("input")];
const ticked = () =>
  state.answer.rubric.filter((item, index) => boxes()[index].checked).map((item) => item.key);

function tick() {
  const chosen = new Set(ticked());
  let points = state.answer.start;
  for (const item of state.answer.rubric) if (chosen.has(item.key)) points += item.points;
  points = Math.min(Math.max(points, 0), state.answer.out_of);
  at("points").value = Math.round(points * 1e6) / 1e6;
  state.dirty = true;
  say(`${at("points").value} of ${state.answer.out_of} points`);
}

function addComment(line) {
  const field = at("comment");
  if (field.value.split("\n").includes(line)) return;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${line}` : line;
  state.dirty = true;
  say("Added to the comment.");
}

const entered = () => ({
  points: at("points").value,
  comment: at("comment").value,
  ticked: ticked(),
});

function enter(draft) {
  at("points").value = draft.points;
  at("comment").value = draft.comment;
  state.answer.rubric.forEach((item, index) => {
    boxes()[index].checked = draft.ticked.includes(item.key);
  });
  state.dirty = true;
}

function keepDraft() {
  if (!state.answer) return;
  if (state.dirty) drafts.set(pathOf(state.answer), entered());
  state.answer = null;
  state.dirty = false;
}

async function save() {
  const { comment, ticked } = entered();
  const points = readNumber(at("points"));
  if (!at("points").value.trim()) {
    // Keep the focus, so that digits still tick rubric items.
    say("Enter points first: tick a rubric item, or press p and type a number.", true);
    return;
  }
  if (!(points >= 0 && points <= state.answer.out_of)) {
    at("points").focus();
    say(`Enter points from 0 to ${state.answer.out_of} first.`, true);
    return;
  }
  const requests = state.answer.requests.map((request) => request.key);
  const data = { version: state.answer.version, points, comment, ticked, requests };
  const { changed, body } = await ask(pathOf(state.answer), "PUT", data);
  if (changed) {
    showConflict(body);
    return;
  }
  const saved = `Saved: ${body.points} of ${body.out_of} points.`;
  fill(body);
  drafts.delete(pathOf(body));
  if (await step({ start: body.id, waiting: true })) say(saved);
  else finish();
}

function showConflict(current) {
  const mine = entered();
  at("conflict-values").textContent =
    current.points === null ? "no points" : `${current.points} of ${current.out_of} points`;
  if (current.by) at("conflict-values").textContent += ` (${current.by})`;
  if (current.comment) at("conflict-values").textContent += ` and the comment “${current.comment}”`;
  at("take").onclick = () => {
    fill(current);
    drafts.delete(pathOf(current));
    say("This is the gradebook's grade.");
    at("answer-heading").focus();
  };
  at("keep").onclick = () => {
    fill(current);
    enter(mine);
    say("Look at the answer again, then save.");
    at("save").focus();
  };
  say("");
  at("conflict").hidden = false;
  at("conflict").focus(); // not a button: another Enter must discard neither grade
}

function finish() {
  if (state.grader && state.answer) {
    ask(pathOf(state.answer), "DELETE").catch((error) => say(error.message, true));
  }
  keepDraft();
  at("review").hidden = true;
  at("done").hidden = false;
  const others = state.lists.filter((list) => list.waiting && list.name !== state.list);
  const current = state.lists.find((list) => list.name === state.list);
  const held = current ? current.waiting : 0; // otherwise one of them would be open
  at("done-alone").hidden = Boolean(state.grader) || others.length > 0;
  at("done-shared").hidden = !at("done-alone").hidden;
  const nothing = others.length ? "No answer is waiting in this list" : "No answer is waiting";
  at("done-heading").textContent = held ? "No other answer is free" : nothing;
  at("done-held").textContent = held
    ? `Answers open in other pages: ${held}. If a grader leaves one, it comes back to this list.`
    : "";
  if (others.length) at("done-held").textContent += " Other lists have answers:";
  else if (!held) at("done-held").textContent = "You can close this page.";
  at("done-lists").replaceChildren(
    ...(held ? [listButton({ ...current, title: "Look again" }, false)] : []),
    ...others.map((list) => listButton(list, false)),
  );
  say("");
  (at("done-lists").querySelector("button") || at("done-heading")).focus();
}

function changeRubric(path, method, data) {
  return run(async () => {
    const mine = entered();
    const dirty = state.dirty;
    const { body } = await ask(`${pathOf(state.answer)}/${path}`, method, data);
    fill(body);
    enter(mine);
    state.dirty = dirty;
    at("item-points").value = at("item-text").value = "";
    say(method === "POST" ? "Added to the rubric of this question." : "Removed.");
  });
}

function addItem() {
  const points = readNumber(at("item-points"));
  if (Number.isNaN(points)) {
    at("item-points").focus();
    say("Enter points for the rubric item, for example 1 or -1.", true);
    return;
  }
  changeRubric("items", "POST", { points, text: at("item-text").value });
}

function move(by) {
  run(async () => {
    if (await step({ start: state.last, by })) return;
    say(by > 0 ? "This is the last answer." : "This is the first answer.");
  });
}

const isText = (field) => field.matches("textarea, input[type=text]");

function pressed(event) {
  const field = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && state.answer) {
    event.preventDefault();
    run(save);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || at("keys").open) return;
  if (event.key === "Escape" && isText(field)) {
    at("answer-heading").focus();
    return;
  }
  if (field.closest("#add") && event.key === "Enter" && isText(field)) {
    event.preventDefault();
    addItem();
    return;
  }
  if (event.key === "Enter" && field.id === "points") {
    event.preventDefault();
    run(save);
    return;
  }
  if (isText(field) || !at("use-keys").checked) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const act = {
    j: () => move(1),
    ArrowRight: () => move(1),
    k: () => move(-1),
    ArrowLeft: () => move(-1),
    t: () => state.lists.length > 1 && nextList(),
    p: () => at("points").select(),
    c: () => at("comment").focus(),
    "?": () => at("keys").showModal(),
    Enter: field.matches("button, summary, a") ? null : () => state.answer && run(save),
  }[event.key];
  if (digit && state.answer) {
    const place = Number(digit[1]) - 1;
    event.preventDefault();
    if (event.shiftKey) at("bank").querySelectorAll("button")[place]?.click();
    else boxes()[place]?.click();
  } else if (act && (state.answer || !["a", "b", "p", "c"].includes(event.key))) {
    event.preventDefault();
    act();
  }
}

document.addEventListener("keydown", pressed);
at("grade").addEventListener("submit", (event) => {
  event.preventDefault();
  run(save);
});
for (const id of ["points", "comment"]) {
  at(id).addEventListener("input", () => (state.dirty = true));
}
at("previous").addEventListener("click", () => move(-1));
at("next").addEventListener("click", () => move(1));
at("add-item").addEventListener("click", addItem);
at("help").addEventListener("click", () => at("keys").showModal());
at("close").addEventListener("click", () => at("keys").close());
addEventListener("beforeunload", (event) => {
  if (state.dirty || drafts.size) event.preventDefault();
});
// A grader's claim on an answer lasts as long as the grader works on it and the page is open.
let renewed = Date.now();
function renew() {
  if (!state.grader || !state.answer || Date.now() - renewed < RENEW) return;
  renewed = Date.now();
  ask(`${pathOf(state.answer)}/claim`, "PUT").catch((error) => say(error.message, true));
}
for (const kind of ["keydown", "pointermove", "scroll", "focus"]) addEventListener(kind, renew, true);
addEventListener("pagehide", () => {
  if (!state.grader || !state.answer) return;
  const headers = { "Nbjudge-Page": page, "Content-Type": "application/json" };
  fetch(pathOf(state.answer), { method: "DELETE", headers, body: "{}", keepalive: true });
});

run(async () => {
  const { body } = await ask("answers");
  at("assignment").textContent = `Review: ${body.assignment}`;
  at("feedback-command").textContent = `nbjudge autograde ${body.assignment} --feedback`;
  document.title = `Review: ${body.assignment}`;
  if (body.grader) at("assignment").append(graderName(body.grader));
  showState(body);
  await choose("answers");
});

function graderName(name) {
  const span = document.createElement("span");
  span.textContent = name;
  return span;
}
