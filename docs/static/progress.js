// The reader's answers, completed assignments and last section, kept in the browser's storage under one key.
// Without storage, no progress is shown.
document.addEventListener("DOMContentLoaded", () => {
  const KEY = "convolution-step-by-step";
  const root = new URL(document.documentElement.dataset.content_root, document.baseURI).pathname;
  const pageOf = ({ pathname }) => pathname.slice(root.length).replace(/\.html$/, "");
  const here = pageOf(location);
  const article = document.querySelector("article");
  const forms = [...article.querySelectorAll(".prediction form")];
  const keys = forms.map((form) => digest(JSON.parse(form.closest(".prediction").dataset.question)));
  const restored = forms.map(() => ""); // the stored answer that each field shows
  const isAssignment = here.startsWith("release/");
  const steps = article.querySelectorAll(":is(.gallery, .gallery + p, #the-lessons > div, #the-assignments > div) a");
  const links = [...document.querySelectorAll(".sidebar-tree a"), ...steps];
  const isOfPath = (page) => /^(course\/\d|release\/)/.test(page);
  const isStep = isOfPath(here) && links.some((link) => pageOf(link) === here); // the page of a missing address is none
  const first = article.querySelector(".start .primary"); // where a new reader begins
  let deleted = null; // what the last click deleted, for Undo

  // A question with another answer or explanation is another question.
  function digest({ answer, why }) {
    let sum = 0;
    for (const letter of `${answer} ${why}`) sum = (31 * sum + letter.codePointAt(0)) | 0;
    return sum;
  }

  // { last: "page#section", pages: { page: [{ key, typed, verdict }, one per question] } }; a completed
  // assignment has one right answer.
  function read() {
    const state = { pages: {}, ...JSON.parse(localStorage.getItem(KEY)) };
    const stored = state.pages[here] ?? [];
    const current = keys.map((key) => stored.find((question) => question.key === key) ?? { key });
    if (forms.length) state.pages[here] = current;
    return state;
  }

  function update(change) {
    const state = read();
    change(state);
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
    } catch {
      return [line, total].forEach((one) => one.remove()); // the storage is full
    }
    deleted = null;
    draw();
  }

  const isRight = ({ verdict }) => verdict === "right";
  const isDone = (questions = []) => questions.length > 0 && questions.every(isRight);

  const line = document.createElement("p");
  line.className = "progress";
  line.innerHTML = "<span></span> <span role=status></span> <button type=button></button>";
  const [summary, status, button] = line.children;
  const completed = document.createElement("input");
  completed.type = "checkbox";
  const label = document.createElement("label");
  label.append(completed, " I have completed this assignment.");
  const resume = document.createElement("a");
  resume.className = "button primary";
  const total = document.createElement("p"); // above the lessons on the start page and in the syllabus
  total.className = "lessons-done";
  const lessons = [...new Set(links.map(pageOf).filter((page) => /^course\/\d/.test(page)))];

  function draw() {
    const { last, pages } = read();
    for (const link of links) link.toggleAttribute("data-done", isDone(pages[pageOf(link)]));
    if (forms.length) {
      const right = pages[here].filter(isRight).length;
      summary.textContent = `${right} of ${forms.length} questions answered correctly.`;
      summary.toggleAttribute("data-done", isDone(pages[here]));
      pages[here].forEach(restore);
    }
    completed.checked = isDone(pages[here]);
    lead(last, pages);
    total.textContent = `${lessons.filter((page) => isDone(pages[page])).length} of ${lessons.length} lessons done.`;
    const isStored = localStorage.getItem(KEY) !== null;
    const statement = `Your progress is ${deleted === null ? "kept in this browser only" : "deleted"}.`;
    if (status.textContent !== statement) status.textContent = statement; // announced only if it changes
    line.hidden = !isStep && !isStored && deleted === null;
    total.hidden = !isStored;
    button.hidden = !isStored && deleted === null;
    button.textContent = deleted === null ? "Delete all progress" : "Undo";
  }

  // Lead a returning reader to the last section, or from a completed assignment to what follows it.
  function lead(last = "", pages) {
    let [page, section] = last.split("#");
    let at = links.findIndex((link) => pageOf(link) === page);
    if (page.startsWith("release/") && isDone(pages[page])) {
      at = links.findIndex((link, n) => n > at && isOfPath(pageOf(link)) && !isDone(pages[pageOf(link)]));
      section = "";
    }
    const step = links[at];
    resume.hidden = !step;
    first?.classList.toggle("primary", !step);
    if (!step) return;
    resume.href = `${step.href}#${section}`;
    resume.textContent = `Continue with ${(step.querySelector("strong") ?? step).textContent}`;
  }

  // A field whose stored answer has not changed may hold one that the reader is typing.
  function restore({ typed = "" }, at) {
    if (typed === restored[at]) return;
    restored[at] = typed;
    const output = forms[at].querySelector("output");
    forms[at].querySelector("input").value = typed;
    output.replaceChildren();
    output.dataset.verdict = "";
    if (typed) forms[at].requestSubmit();
  }

  try {
    read();
  } catch {
    return;
  }
  if (first) {
    first.before(resume);
    first.parentElement.after(line);
  } else if (isStep || steps.length) {
    if (!forms.length) summary.append(isAssignment ? label : resume);
    (article.querySelector(".buttons") ?? article.querySelector("h1 + *")).before(line);
  }
  article.querySelector("#the-lessons > h2")?.after(total);
  draw();

  document.addEventListener("submit", ({ target }) => {
    const at = forms.indexOf(target);
    if (at < 0) return;
    const typed = target.querySelector("input").value;
    const { verdict } = target.querySelector("output").dataset;
    if (!verdict || typed === restored[at]) return;
    restored[at] = typed;
    update((state) => {
      Object.assign(state.pages[here][at], { typed, verdict });
      if (isStep) state.last = `${here}#${target.closest("section[id]").id}`;
    });
  });

  completed.addEventListener("change", () => {
    update(({ pages }) => (pages[here] = completed.checked ? [{ verdict: "right" }] : []));
  });

  button.addEventListener("click", () => {
    const stored = localStorage.getItem(KEY);
    if (deleted === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, deleted);
    deleted = deleted === null ? stored : null;
    draw();
  });

  // Another tab has changed the storage.
  addEventListener("storage", ({ key }) => {
    if (key !== KEY) return;
    deleted = null;
    draw();
  });

  // The reader leaves the page, or returns to one that the browser has kept in memory.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return draw();
    if (!isStep || !scrollY || deleted !== null) return; // who has not scrolled has only looked in
    const sections = [...article.querySelectorAll("section[id]")];
    const reached = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 2);
    update((state) => (state.last = `${here}#${reached.at(-1)?.id ?? ""}`));
  });
});
