// Sorts the list of students by column and filters it by name.
"use strict";
const table = document.querySelector("#list table"), body = table.tBodies[0];
const filter = document.querySelector("#tools input");
document.querySelector("#tools").hidden = false;
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const row of body.rows)
    row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
});
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;
[...table.tHead.rows[0].cells].forEach((head, column) => {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      return column ? x - y : x.localeCompare(y);
    });
    body.append(...(down ? rows.reverse() : rows));
  });
});
