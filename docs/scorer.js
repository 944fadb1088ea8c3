// Where search finds words in lessons, assignments and exercises, these come before the reference.
var Scorer = {
  score: ([page, , , , score]) => score + (/^(course|release|exercises)\//.test(page) ? 100 : 0),
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
