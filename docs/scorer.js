// Where search finds words: what readers look for first comes before what explains the program.
const PLACES = [
  [/^(CHANGELOG|nbjudge\/CHANGELOG|docs\/contributing)/, -50],
  [/^course\/\d/, 6],
  [/^(course|docs)\//, 5],
  [/^exercises\//, 4],
  [/^release\//, 3],
  [/^nbjudge\//, 2],
  [/^reference\//, -200],
  [/./, 0],
];

// A page about the query comes before pages that mention it: its own title contains all of the words.
const QUERY = new URLSearchParams(location.search).get("q") ?? "";
const WORDS = QUERY.toLowerCase().split(/\s+/).filter((word) => word);

function isAbout(page, title) {
  const named = title.split(" > ")[0].toLowerCase();
  const prose = /^(course|docs|nbjudge)\//.test(page);
  return prose && WORDS.every((word) => named.includes(word.replace(/e?s$/, "")));
}

// A section of a lesson that is called as the query comes before the lesson that only introduces the term.
function isNamed(page, title) {
  const section = title.split(" > ")[1] ?? "";
  return /^course\/\d/.test(page) && section.toLowerCase().replace(/^the /, "") === QUERY.trim().toLowerCase();
}

var Scorer = {
  score: ([page, title, , , score]) =>
    score +
    (isAbout(page, title) ? 20 : 0) +
    (isNamed(page, title) ? 100 : 0) +
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
