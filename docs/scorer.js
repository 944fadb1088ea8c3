// Where search finds words: what readers look for first comes before what explains the program.
const PLACES = [
  [/^(CHANGELOG|nbjudge\/CHANGELOG|docs\/contributing)/, -50],
  [/^course\/\d/, 6],
  [/^(course|docs)\//, 5],
  [/^exercises\//, 4],
  [/^release\//, 3],
  [/^nbjudge\//, 2],
  [/^reference\//, -100],
  [/./, 0],
];

var Scorer = {
  score: ([page, , , , score]) => score + PLACES.find(([pages]) => pages.test(page))[1],
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
