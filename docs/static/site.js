// The keyboard reaches every box that scrolls sideways: in Safari, only one with a tabindex.
const BOXES = "pre, .table-wrapper, .cell_output div, .katex-display, article p:has(> img)";

function markScrolling() {
  for (const box of document.querySelectorAll(BOXES)) {
    const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== "visible";
    if (scrolls && !box.querySelector("a, button, input")) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  markScrolling();
  const drawn = new ResizeObserver(markScrolling);
  for (const one of document.querySelectorAll(".cell_output canvas, .cell_output img")) drawn.observe(one);
});
// The menu begins where the reader is.
addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".sidebar-tree .current-page");
  const menu = document.querySelector(".sidebar-scroll");
  if (here && menu) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
});

addEventListener("load", markScrolling);
addEventListener("resize", markScrolling);
document.addEventListener("toggle", markScrolling, true);

// On paper, what is folded is open, but for what only matters on a screen, which is left out.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open], .folded-code, .for-running)")) {
    fold.dataset.printed = "";
    fold.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-printed]")) {
    delete fold.dataset.printed;
    fold.open = false;
  }
});
