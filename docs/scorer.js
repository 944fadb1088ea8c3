// Where search finds words: what readers look for first comes before what explains the program.
const PLACES = [
  [/^(CHANGELOG|nbjudge\/CHANGELOG|docs\/contributing)/, -20],
  [/^course\/\d/, 6],
  [/^(course|docs)\//, 5],
  [/^exercises\//, 4],
  [/^release\//, 3],
  [/^nbjudge\//, 2],
  [/^reference\//, -200],
  [/./, 0],
];

const ASKED = new URLSearchParams(location.search);
let query = (ASKED.get("q") ?? "").trim().toLowerCase();

// A search stays in the area that the reader comes from.
const AREA = ASKED.get("area") ?? "";
document.querySelector("[name=area]").value = AREA;
for (const link of document.querySelectorAll(".areas a, .right-details a")) {
  if (link.textContent === AREA) link.setAttribute("aria-current", "true");
}

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

// Equal lessons stand in the order of the course, but lesson 00, which is about notebooks, last.
const orderOf = (page) => (Number(/^course\/(\d+)/.exec(page)?.[1]) || 99) / 100;

// Among them, and among pages that mention the query, those of the reader's area come first (AREA_OF, which
// search.html defines).
var Scorer = {
  score: ([page, title, anchor, , score]) =>
    score +
    (isNamed(page, title) ? 200 : 0) +
    (isTerm(anchor, score) ? 100 : 0) +
    (isAbout(page, title) ? 100 : 0) +
    (AREA && AREA_OF[page] === AREA ? 60 : 0) +
    PLACES.find(([pages]) => pages.test(page))[1] -
    orderOf(page),
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

// A summary has each formula once and no buttons, and shows the start of the page if the result has no text of
// its own.
const textOf = Search.htmlToText;
Search.htmlToText = (page, anchor) => {
  const left = /<span class="katex-mathml">[^]*?<\/math><\/span>|<p class="buttons">[^]*?<\/p>/g;
  const text = page.replace(left, "");
  return textOf(text, anchor).trim() || textOf(text);
};

// A page or section is listed once, at its best place, and one of the reference only for its name. The results
// begin with the worst.
const findAll = Search._performSearch;
Search._performSearch = (...asked) => {
  const listed = new Set();
  const isNew = ([page, title]) => !listed.has(`${page} ${title}`) && listed.add(`${page} ${title}`);
  const isShown = ([page, , , , , , kind]) => !/^reference\//.test(page) || kind !== "text";
  return findAll(...asked).filter(isShown).reverse().filter(isNew).reverse();
};

// True if one letter is added, left out or changed, or two neighbors are swapped.
function isTypo(typed, word) {
  let same = 0;
  while (same < typed.length && typed[same] === word[same]) same += 1;
  const [one, other] = [typed.slice(same), word.slice(same)];
  const swapped = `${one[1]}${one[0]}${one.slice(2)}`;
  return [one.slice(1), swapped].includes(other) || other.slice(1) === one || other.slice(1) === one.slice(1);
}

// A query without results is taken for a misspelled term.
const search = Search.query;
Search.query = (typed) => {
  const isFound = Search._performSearch(...Search._parseQuery(typed)).length > 0;
  const term = isFound ? null : Object.keys(Search._index.indexentries).find((entry) => isTypo(query, entry));
  if (term) {
    query = term;
    const note = document.createElement("p");
    note.textContent = `Nothing matches "${typed}". These are results for "${term}".`;
    Search.title.after(note);
  }
  search(term ?? typed);
};
