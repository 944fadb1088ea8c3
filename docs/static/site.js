// A box that scrolls sideways has a shadow, and the keyboard reaches it: in Safari, only with a tabindex.
const BOXES =
  "pre, .table-wrapper, .cell_output div, .katex-display, .exercise-figure, article p:has(> img)";

function markScrolling() {
  for (const box of document.querySelectorAll(BOXES)) {
    const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
    box.toggleAttribute("data-scrolls", scrolls);
    if (scrolls && !box.querySelector("a, button, input")) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  markScrolling();
  const drawn = new ResizeObserver(markScrolling);
  for (const one of document.querySelectorAll(".cell_output canvas, .cell_output img")) drawn.observe(one);
});
addEventListener("load", markScrolling);
addEventListener("resize", markScrolling);
document.addEventListener("toggle", markScrolling, true);

// An address with a section leads there although figures change their height until they are ready. It no
// longer does once the reader has moved.
document.addEventListener("DOMContentLoaded", () => {
  const [{ type }] = performance.getEntriesByType("navigation");
  if (type !== "navigate") return; // the browser restores the place
  const settling = new ResizeObserver(() => {
    document.querySelector(":target")?.scrollIntoView({ behavior: "instant" });
  });
  settling.observe(document.querySelector("article"));
  for (const move of ["wheel", "pointerdown", "keydown"]) {
    addEventListener(move, () => settling.disconnect(), { once: true });
  }
});

// The menu begins where the reader is.
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".sidebar-tree .current-page");
  const menu = document.querySelector(".sidebar-scroll");
  if (here && menu) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
});

// On paper, what is folded stands at the end of the page, because answers would stand right below their
// questions. What only matters on a screen is left out.
const moved = []; // each fold with what stands in its place

addEventListener("beforeprint", () => {
  const end = document.createElement("section");
  end.className = "folds";
  end.innerHTML = "<h2>Answers and notes</h2>";
  for (const fold of document.querySelectorAll("article details:not([open], .folded-code, .for-running)")) {
    fold.open = true;
    const place = document.createElement("p");
    place.className = "folded";
    place.textContent = fold.querySelector("summary").textContent;
    moved.push([fold, place]);
    if (fold.parentElement.closest("details")) continue;
    fold.replaceWith(place);
    end.append(fold);
  }
  if (moved.length) document.querySelector("article").append(end);
});
addEventListener("afterprint", () => {
  for (const [fold, place] of moved.splice(0)) {
    fold.open = false;
    place.replaceWith(fold);
  }
  document.querySelector(".folds")?.remove();
});

// The keyboard opens and closes the drawers of a phone, too: the menu, and the contents of the page.
document.addEventListener("DOMContentLoaded", () => {
  for (const icon of document.querySelectorAll(".mobile-header .icon")) {
    const drawer = icon.parentElement.control;
    const announce = () => (icon.ariaExpanded = drawer.checked);
    Object.assign(icon, { tabIndex: 0, role: "button", ariaLabel: drawer.ariaLabel });
    drawer.addEventListener("change", announce);
    announce();
    icon.addEventListener("keydown", (event) => {
      if (!["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      drawer.click();
    });
    addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !drawer.checked) return;
      drawer.click();
      icon.focus();
    });
  }
  const contents = document.querySelector("#__toc");
  for (const link of document.querySelectorAll(".toc-tree a")) {
    link.addEventListener("click", () => contents.checked && contents.click());
  }
});

// A prediction is a field with the comments of the notebook; without this script, it is a fold.
const TOLERANCE = 1e-6;

function toNumber(word) {
  const infinite = /^(-?)(?:np\.)?inf(?:inity)?$/i.exec(String(word));
  return infinite ? Number(`${infinite[1]}Infinity`) : Number(word);
}

// Where one number is expected, its comma is a decimal comma.
function numbersIn(text, single) {
  const plain = text.replaceAll("\u2212", "-");
  const decimal = single && /^\s*-?\d+,\d+\s*$/.test(plain) ? plain.replace(",", ".") : plain;
  const words = decimal.split(/[\s,;()[\]x×]+/).filter((word) => word);
  const values = words.map((word) => {
    const [above, below] = word.split("/");
    return toNumber(above) / (below === undefined ? 1 : toNumber(below));
  });
  return values.length && !values.some(Number.isNaN) ? values : null;
}

const plainText = (text) => text.replace(/[\s,"']+/g, "").toLowerCase();

// Compare an answer with an expected one, rounded to some decimals unless these are null.
function isSame(given, expected, decimals = null) {
  if (typeof expected === "string") return plainText(given) === plainText(expected);
  const single = expected.length === 1;
  const values = numbersIn(given, single);
  if (!values || (values.length !== expected.length && !single)) return false;
  const rounded = (value) => (decimals === null ? value : Number(value.toFixed(decimals)));
  return values.every((value, at) => {
    const [one, other] = [value, toNumber(expected[single ? 0 : at])].map(rounded);
    return one === other || Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(other));
  });
}

// The comment on what was typed and, if that was an answer, its verdict.
function comment(given, question, asked) {
  if (!given.trim()) return ["Type your answer first, or ? for a hint."];
  if (given.trim() === "?") {
    if (question.hint && asked === 1) return [`Hint: ${question.hint} For the answer, ask again with ?.`];
    return [`The answer is ${question.answer}. ${question.why}`];
  }
  const matches = (value) => isSame(given, value, question.decimals);
  if (matches(question.right)) return [`Right. ${question.why}`, "right"];
  if (typeof question.right !== "string" && !numbersIn(given)) {
    return ["Type a number, or several numbers separated by blanks or commas."];
  }
  const known = question.wrong.find(([value]) => matches(value));
  return [`Not quite. ${known ? known[1] : question.hint}`, "wrong"];
}

// Show a text, with code where it has backticks.
function show(text, place) {
  const parts = text.split("`").map((part, at) => {
    if (at % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
  place.replaceChildren(...parts);
}

function makeLive(box, position, several) {
  const question = JSON.parse(box.dataset.question);
  const form = document.createElement("form");
  form.innerHTML =
    "<label>Your answer <input autocomplete=off spellcheck=false></label>" +
    "<button>Check</button><output></output>";
  if (several) form.querySelector("label").firstChild.textContent = `Your answer ${position + 1} `;
  let asked = 0;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = form.querySelector("input").value;
    if (given.trim() === "?") asked += 1;
    const [text, verdict = ""] = comment(given, question, asked);
    const output = form.querySelector("output");
    show(text, output);
    output.dataset.verdict = verdict;
  });
  box.prepend(form);
}

document.addEventListener("DOMContentLoaded", () => {
  const boxes = [...document.querySelectorAll(".prediction[data-question]")];
  for (const cell of new Set(boxes.map((box) => box.closest(".cell")))) {
    const inside = boxes.filter((box) => box.closest(".cell") === cell);
    inside.forEach((box, position) => makeLive(box, position, inside.length > 1));
  }
});
