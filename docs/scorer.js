// Where search finds words: what readers look for first comes before what explains the program.
const PLACES = [
  [/^(CHANGELOG|nbjudge\/CHANGELOG|docs\/contributing)/, -40],
  [/^(course\/\d|docs\/teach$)/, 6],
  [/^(course|docs)\//, 5],
  [/^exercises\//, 4],
  [/^release\//, 3],
  [/^nbjudge\//, 2],
  [/^reference\//, -200],
  [/./, 0],
];

let query = ""; // in lower case

// A search stays in the area that the reader comes from, and shows its menu.
const AREA = new URLSearchParams(location.search).get("area") ?? "";
document.querySelector("[name=area]").value = AREA;
for (const link of document.querySelectorAll(".areas a, .right-details a")) {
  if (link.textContent === AREA) link.setAttribute("aria-current", "true");
}
for (const menu of document.querySelectorAll("[data-area]")) menu.hidden = menu.dataset.area !== (AREA || "Learn");

// Sections of lessons whose heading is the query come first, then its index entries.
function isNamed(page, title) {
  const section = title.split(" > ")[1] ?? "";
  return /^course\/\d/.test(page) && section.toLowerCase().replace(/^the /, "") === query;
}

const isTerm = (anchor, score) => /^#index-/.test(anchor) && score === 100;

// Pages about the query follow: their own title contains all of its words.
function isAbout(page, title) {
  const named = title.split(" > ")[0].toLowerCase();
  const isReference = /^reference\//.test(page);
  return !isReference && query.split(/\s+/).every((word) => named.includes(word.replace(/e?s$/, "")));
}

// Pages that mention the query follow: the more often a page uses its words (COUNTS, which search.html defines),
// the first times above all, and the more of them one heading has, the more the page is about them.
const weights = {}; // by page

function weigh(words) {
  const { alltitles, docnames } = Search._index;
  const used = (count) => (10 * count) / (count + 8);
  for (const page of docnames) {
    weights[page] = words.reduce((sum, word) => sum + used(COUNTS[page]?.[word] ?? 0), 0);
  }
  const inHeading = {};
  for (const [heading, places] of Object.entries(alltitles)) {
    const count = words.filter((word) => heading.toLowerCase().includes(word)).length;
    for (const [page] of places) inHeading[page] = Math.max(count, inHeading[page] ?? 0);
  }
  docnames.forEach((page, at) => (weights[page] = Math.round(weights[page] + 10 * (inHeading[at] ?? 0))));
}

// Equal lessons stand in the order of the course, but lesson 00, which is about notebooks, last.
const numberOf = (page) => (/^course\/(\d+_)/.exec(page)?.[1] ?? "").replace("_", " ");
const orderOf = (page) => (Number(numberOf(page)) || 99) / 100;

// In each of these groups, pages of the reader's area come first (AREA_OF, which search.html defines).
var Scorer = {
  score: ([page, title, anchor, , score]) => {
    const group = 200 * isNamed(page, title) + 100 * isTerm(anchor, score) + 100 * isAbout(page, title);
    const isNear = AREA && AREA_OF[page] === AREA;
    const [, place] = PLACES.find(([pages]) => pages.test(page));
    const weight = page === "course/glossary" && !anchor ? 0 : Math.min(weights[page], 60); // it mentions every term
    return score + (group || weight) + (isNear ? 60 : 0) + place - orderOf(page);
  },
  // What follows is Sphinx's own: titles before text, whole words before parts.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

// A summary has each formula once, neither buttons nor code, and shows the start of the page if the result has no
// text of its own.
const LEFT_OUT = ".katex-mathml, .buttons, .about-browser, .for-running, .folded-code, pre";
const textOf = Search.htmlToText;
Search.htmlToText = (page, anchor) => {
  const html = new DOMParser().parseFromString(page, "text/html");
  for (const part of html.querySelectorAll(LEFT_OUT)) part.remove();
  const text = html.documentElement.outerHTML;
  return textOf(text, anchor).trim() || textOf(text);
};

// True if one letter is added, left out or changed, or two neighbors are swapped.
function isTypo(typed, word) {
  let same = 0;
  while (same < typed.length && typed[same] === word[same]) same += 1;
  const [one, other] = [typed.slice(same), word.slice(same)];
  const swapped = `${one[1]}${one[0]}${one.slice(2)}`;
  return [one.slice(1), swapped].includes(other) || other.slice(1) === one || other.slice(1) === one.slice(1);
}

// Return the results, of which the last is the best, and the parsed words. A page or section is listed once, at its
// best place, and one of the reference only for its name.
function find(words) {
  query = words.trim().toLowerCase();
  const parsed = Search._parseQuery(words);
  weigh([...parsed[1]]);
  const listed = new Set();
  const isNew = ([page, title]) => !listed.has(`${page} ${title}`) && listed.add(`${page} ${title}`);
  const isShown = ([page, , , , , , kind]) => !/^reference\//.test(page) || kind !== "text";
  const results = Search._performSearch(...parsed).filter(isShown).reverse().filter(isNew).reverse();
  return [results.map(([page, title, ...rest]) => [page, numberOf(page) + title, ...rest]), parsed];
}

// A query without results is taken for a misspelled term.
Search.query = (typed) => {
  let [results, parsed] = find(typed);
  const term = results.length ? null : Object.keys(Search._index.indexentries).find((entry) => isTypo(query, entry));
  if (term) {
    [results, parsed] = find(term);
    const note = document.createElement("p");
    note.textContent = `Nothing matches "${typed}". These are results for "${term}".`;
    Search.title.after(note);
  }
  const [, words, , highlighted] = parsed;
  _displayNextItem(results, results.length, words, highlighted);
};
