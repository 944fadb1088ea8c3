// The player of an animation in a lesson. `animate` in figures.py puts this text into the output of a
// cell, below a strip of stills, which the player replaces. Without scripts the strip stays.

// Returns nothing. `token` is the strip's own; `frames` holds, for each step, the sheet (0 is the strip)
// and the column and row in it; `rest` is the address of sheet 1, with the steps the strip leaves out.
// `width` and `height` count pixels of a sheet, of which `pixels` make one of the page, in a row.
function startPlayer({ token, frames, rest, width, height, pixels, minWidth, seconds }) {
  // A copied cell has the same token, and Jupyter shows some outputs twice: each place gets a player.
  for (const root of document.querySelectorAll(`[data-player="${token}"]:not([data-begun])`)) {
    root.dataset.begun = "";
    const strip = root.querySelector("img");
    const sheets = [strip];
    if (rest) {
      sheets.push(new Image());
      sheets[1].src = rest;
    }
    // Where an image cannot be read, the strip stays.
    Promise.all(sheets.map((sheet) => sheet.decode())).then(() => build(root, sheets), () => {});
  }

  function build(root, sheets) {
    const canvas = add(null, "canvas", { width, height, role: "img" });
    canvas.setAttribute("aria-label", sheets[0].alt);
    canvas.style.width = `${width / pixels}px`;
    canvas.style.minWidth = `${minWidth}px`;
    // Drawn without the graphics card, which refuses images as wide as a sheet can be.
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const player = add(null, "div", { class: "lesson-player-moving" });
    add(player, "div", { class: "lesson-player-stage" }).append(canvas);
    const controls = add(player, "div", {
      class: "lesson-player-controls",
      role: "group",
      "aria-label": "Animation",
    });
    const back = addButton(controls, "Previous step", "M4 4h3v16h-3zM20 4v16l-11-8z");
    const toggle = addButton(controls, "Play", PLAY);
    const next = addButton(controls, "Next step", "M17 4h3v16h-3zM4 4v16l11-8z");
    const last = frames.length - 1;
    const slider = add(controls, "input", { type: "range", min: 1, max: last + 1, "aria-label": "Step" });
    const label = add(controls, "output", {});
    // Jupyter's own keys (Enter edits the cell, arrows leave it) rest while the focus is on one of these.
    for (const part of [back, toggle, next, slider]) part.dataset.lmSuppressShortcuts = "true";
    let step, timer;

    function show(number) {
      step = Math.max(0, Math.min(last, number));
      const [sheet, column, row] = frames[step];
      context.drawImage(sheets[sheet], column * width, row * height, width, height, 0, 0, width, height);
      const text = `step ${step + 1} of ${last + 1}`;
      // A screen reader announces the slider's value unasked; while the animation plays, no step.
      label.setAttribute("aria-live", timer || document.activeElement === slider ? "off" : "polite");
      label.textContent = text;
      slider.value = step + 1;
      slider.setAttribute("aria-valuetext", text);
      back.setAttribute("aria-disabled", step === 0); // not disabled, which would lose the focus
      next.setAttribute("aria-disabled", step === last);
    }

    function pause() {
      clearTimeout(timer);
      timer = undefined;
      face(toggle, "Play", PLAY);
    }

    function play() {
      timer = setTimeout(() => {
        if (!root.isConnected) return pause(); // the cell was run again, or is far from the window
        show(step + 1);
        if (step === last) pause();
        else play();
      }, 1000 * seconds);
      face(toggle, "Pause", PAUSE);
    }

    function go(number) {
      pause();
      show(number);
    }

    back.addEventListener("click", () => go(step - 1));
    next.addEventListener("click", () => go(step + 1));
    slider.addEventListener("input", () => go(slider.value - 1));
    toggle.addEventListener("click", () => {
      if (timer) return pause();
      play();
      if (step === last) show(0);
    });
    controls.addEventListener("keydown", (event) => {
      const goals = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: last };
      if (!(event.key in goals) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      go(goals[event.key]);
    });

    // Paused at the first step: lessons ask for a prediction before the result, each reader needs a
    // time of their own for a step, and nothing moves beside text that is being read. Whoever asked for
    // less motion sees the result, as the last step, and can still go back.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    show(still ? last : 0);
    root.append(player);
    root.classList.add("lesson-player-ready");
  }
}

const PLAY = "M6 3v18l15-9z";
const PAUSE = "M5 4h5v16h-5zM14 4h5v16h-5z";

function add(parent, tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

function addButton(parent, name, path) {
  const button = add(parent, "button", { type: "button" });
  face(button, name, path);
  return button;
}

// Gives a button its name and its icon, which is drawn: fonts lack the characters, or color them.
function face(button, name, path) {
  button.setAttribute("aria-label", name);
  button.title = name;
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(document.createElementNS(space, "path"));
  icon.firstChild.setAttribute("d", path);
  button.replaceChildren(icon);
}
