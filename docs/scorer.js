// Where search finds words: what readers look for first comes before what explains the program.
const FIRST = [
  [/^(course|docs)\//, 5],
  [/^course\/\d/, 6],
  [/^exercises\//, 4],
  [/^release\//, 3],
  [/^nbjudge\//, 2],
  [/^reference\//, -100],
  [/^(CHANGELOG|nbjudge\/CHANGELOG|docs\/contributing)/, -50],
];

var Scorer = {
  score: ([page, , , , score]) => score + (FIRST.findLast(([pages]) => pages.test(page)) ?? [0, 0])[1],
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
