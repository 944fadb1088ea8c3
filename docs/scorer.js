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
const QUERY = (ASKED.get("q") ?? "").trim().toLowerCase();
const WORDS = QUERY.split(/\s+/).filter((word) => word);

// A search stays in the area that the reader comes from.
const AREA = ASKED.get("area") ?? "";
document.querySelector("[name=area]").value = AREA;
for (const link of document.querySelectorAll(".areas a, .right-details a")) {
  if (link.textContent === AREA) link.setAttribute("aria-current", "true");
}

// Sections of lessons whose heading is the query come first, then its index entries.
function isNamed(page, title) {
  const section = title.split(" > ")[1] ?? "";
  return /^course\/\d/.test(page) && section.toLowerCase().replace(/^the /, "") === QUERY;
}

const isTerm = (anchor, score) => /^#index-/.test(anchor) && score === 100;

// Pages about the query follow: their own title contains all of its words.
function isAbout(page, title) {
  const named = title.split(" > ")[0].toLowerCase();
  const prose = /^(course|docs|nbjudge)\//.test(page);
  return prose && WORDS.every((word) => named.includes(word.replace(/e?s$/, "")));
}

// Among them, and among pages that mention the query, those of the reader's area come first (AREA_OF, which
// search.html defines).
var Scorer = {
  score: ([page, title, anchor, , score]) =>
    score +
    (isNamed(page, title) ? 200 : 0) +
    (isTerm(anchor, score) ? 100 : 0) +
    (isAbout(page, title) ? 100 : 0) +
    (AREA && AREA_OF[page] === AREA ? 60 : 0) +
    PLACES.find(([pages]) => pages.test(page))[1],
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

// A summary has each formula once, and shows the start of the page if the result has no text of its own.
const textOf = Search.htmlToText;
Search.htmlToText = (page, anchor) => {
  const text = page.replace(/<span class="katex-mathml">[^]*?<\/math><\/span>/g, "");
  return textOf(text, anchor).trim() || textOf(text);
};

// A page or section is listed once, at its best place. The results begin with the worst.
const findAll = Search._performSearch;
Search._performSearch = (...query) => {
  const listed = new Set();
  const isNew = ([page, title]) => !listed.has(`${page} ${title}`) && listed.add(`${page} ${title}`);
  return findAll(...query).reverse().filter(isNew).reverse();
};
