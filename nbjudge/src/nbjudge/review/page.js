// The page of nbjudge review: shows one answer at a time, with keyboard shortcuts. The HTML of an answer
// has been sanitized by the server; the server's content security policy allows only this script.
"use strict";

const at = (id) => document.getElementById(id);
const state = { answers: [], number: -1, answer: null, dirty: false, busy: false };
const drafts = new Map(); // unsaved input by answer

async function ask(path, method = "GET", data = null) {
  const request = { method, headers: {} };
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

const pathOf = () => `answers/${state.answers[state.number].id}`;
const waiting = () => state.answers.filter((answer) => answer.waiting).length;

// The fields do not have the type "number": an English browser would read "0,5" as 5.
function readNumber(field) {
  const text = field.value.trim().replace(",", ".").replace("−", "-");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
}

const signed = (points) => (points > 0 ? `+${points}` : `${points}`).replace("-", "−");

function showProgress() {
  const total = state.answers.length;
  at("progress").textContent =
    `Answer ${state.number + 1} of ${total}; ${waiting()} of ${total} waiting`;
}

async function open(number) {
  const { body } = await ask(`answers/${state.answers[number].id}`);
  keepDraft();
  state.number = number;
  at("done").hidden = true;
  at("review").hidden = false;
  fill(body);
  const draft = drafts.get(body.id);
  if (draft) {
    enter(draft);
    say("Restored your input, which is not saved yet.");
  } else {
    say(body.waiting ? "" : "This answer has been graded.");
  }
  showProgress();
  scrollTo(0, 0);
  at("answer-heading").focus({ preventScroll: true });
}

function fill(answer) {
  state.answer = answer;
  state.dirty = false;
  state.answers[state.number].waiting = answer.waiting;
  at("title").textContent = answer.title;
  at("student").textContent = answer.student;
  at("question").innerHTML = answer.question || "<p><em>The notebook has no text before this answer.</em></p>";
  at("answer").innerHTML = answer.answer || "<p><em>There is no answer.</em></p>";
  at("scheme").innerHTML = answer.scheme;
  at("scheme-box").hidden = !answer.scheme;
  at("out-of").textContent = `of ${answer.out_of}`;
  at("points").value = answer.points ?? "";
  at("comments").hidden = answer.comment === null;
  at("comment").value = answer.comment ?? "";
  at("comment").placeholder = answer.said;
  at("conflict").hidden = true;
  showRubric(answer.rubric);
  showBank(answer.bank);
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
  if (state.dirty) drafts.set(state.answer.id, entered());
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
  const data = { version: state.answer.version, points, comment, ticked };
  const { changed, body } = await ask(pathOf(), "PUT", data);
  if (changed) {
    showConflict(body);
    return;
  }
  fill(body);
  drafts.delete(body.id);
  const order = state.answers.map((answer, number) => number);
  const after = [...order.slice(state.number + 1), ...order.slice(0, state.number)];
  const next = after.find((number) => state.answers[number].waiting);
  if (next === undefined) {
    finish();
  } else {
    await open(next);
    say(`Saved: ${body.points} of ${body.out_of} points.`);
  }
}

function showConflict(current) {
  const mine = entered();
  at("conflict-values").textContent =
    current.points === null ? "no points" : `${current.points} of ${current.out_of} points`;
  if (current.comment) at("conflict-values").textContent += ` and the comment “${current.comment}”`;
  at("take").onclick = () => {
    drafts.delete(current.id);
    fill(current);
    showProgress();
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
  at("take").focus();
}

function finish() {
  state.answer = null;
  at("review").hidden = true;
  at("done").hidden = false;
  showProgress();
  say("");
  at("done-heading").focus();
}

function changeRubric(path, method, data) {
  return run(async () => {
    const mine = entered();
    const dirty = state.dirty;
    const { body } = await ask(`${pathOf()}/${path}`, method, data);
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
  const number = state.number + by;
  if (number < 0 || number >= state.answers.length) {
    say(by > 0 ? "This is the last answer." : "This is the first answer.");
  } else {
    run(() => open(number));
  }
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
  } else if (act && (state.answer || !["p", "c"].includes(event.key))) {
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

run(async () => {
  const { body } = await ask("answers");
  state.answers = body.answers;
  at("assignment").textContent = `Review: ${body.assignment}`;
  at("feedback-command").textContent = `nbjudge autograde ${body.assignment} --feedback`;
  document.title = `Review: ${body.assignment}`;
  await open(Math.max(0, body.answers.findIndex((answer) => answer.waiting)));
});
