// What the explorables share: elements, numbers, a 3x3 kernel, grids of cells, maps of pixels, and the reader's
// own picture. `page.py` puts this text in front of that of an explorable, inside a function.

// Calls `build` for each place that has the token: a copied cell has the same one, and Jupyter shows some
// outputs twice. Where `build` fails, the still figure stays.
function startExplorable(token, build) {
  for (const root of document.querySelectorAll(`[data-explorable="${token}"]:not([data-begun])`)) {
    root.dataset.begun = "";
    const stage = add(null, "div", { class: "lesson-explorable-stage" });
    build(stage);
    // Jupyter's own keys (arrows leave the cell) rest while one of these has the focus. The attribute is on each
    // of them, as Jupyter's keys match the focused element before it looks at those around it.
    for (const element of stage.querySelectorAll("button, input, canvas")) element.dataset.lmSuppressShortcuts = "true";
    root.append(stage);
    root.classList.add("lesson-explorable-ready");
  }
}

function add(parent, tag, attributes = {}, text = null) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== null) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

function addRow(parent, title) {
  const row = add(parent, "div", { class: "lesson-explorable-row", role: "group", "aria-label": title });
  add(row, "span", { "aria-hidden": "true" }, title);
  return row;
}

function addButton(parent, name, act) {
  const button = add(parent, "button", { type: "button" }, name);
  button.addEventListener("click", act);
  return button;
}

// A row of buttons, one of which is pressed. Returns what presses one from the program: null for none.
function addChoice(parent, title, names, choose) {
  const row = addRow(parent, title);
  const buttons = names.map((name) => addButton(row, name, () => (press(name), choose(name))));
  function press(name) {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", names[at] === name));
  }
  press(names[0]);
  return press;
}

// A slider with its name and value. Returns what shows another value, range or state of it.
function addSlider(parent, name, change) {
  const label = add(parent, "label");
  add(label, "span", {}, name);
  const input = add(label, "input", { type: "range", min: 0, "aria-label": name });
  const shown = add(label, "output", { "aria-live": "off" });
  input.addEventListener("input", () => {
    shown.textContent = input.value;
    change(Number(input.value));
  });
  return function set({ min = input.min, max = input.max, step = input.step, value = input.value, disabled = false }) {
    Object.assign(input, { min, max, step, disabled });
    input.value = value;
    shown.textContent = input.value;
  };
}

// Four significant digits, as in the course's figures; integers as they are.
function short(number) {
  return String((Number.isInteger(number) ? number : Number(number.toPrecision(4))) + 0);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

// A list as rows of some length.
function inRows(list, columns) {
  return Array.from({ length: list.length / columns }, (_, row) => list.slice(row * columns, (row + 1) * columns));
}

function size({ rows, columns }) {
  return `${rows} x ${columns}`;
}

function matrix(rows, columns, value) {
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => value(row, column)));
}

function factor(number) {
  return number < 0 ? `(${short(number)})` : short(number);
}

// "3·1 + 0·(-2) + ..." of two lists
function terms(left, right) {
  return left.map((value, at) => `${short(value)}·${factor(right[at])}`).join(" + ");
}

// Shows text, which a screen reader says once it has stood for a while and the focus is in the explorable:
// not each value while a key is held, a pointer moves over pixels or the kernel slides (`quiet`).
function say(element, stage, text, quiet = false) {
  const content = [text].flat(); // strings and elements
  element.setAttribute("aria-live", "off");
  element.replaceChildren(...content);
  clearTimeout(waiting.get(element));
  if (quiet || !stage.contains(document.activeElement)) return;
  const speak = () => {
    element.setAttribute("aria-live", "polite");
    element.replaceChildren(...content); // again, as a live region announces only changes
  };
  waiting.set(element, setTimeout(speak, 300));
}

const waiting = new WeakMap(); // the timers of texts that are not yet spoken

// "output[h, w] = products = value", of which a screen reader says position and value: grids have the rest.
function equationOf(name, row, column, left, right, value) {
  const middle = document.createElement("span");
  middle.setAttribute("aria-hidden", "true");
  middle.textContent = `${terms(left, right)} = `;
  return [`${name}[${row}, ${column}] = `, middle, short(value)];
}

// The color at a place from 0 to 1 between some colors, [red, green, blue] each.
function between(colors, place) {
  const position = Math.max(0, Math.min(1, place)) * (colors.length - 1);
  const first = Math.min(Math.floor(position), colors.length - 2);
  const share = position - first;
  return colors[first].map((value, at) => Math.round(value + share * (colors[first + 1][at] - value)));
}

function css(color) {
  return `rgb(${color.join(" ")})`;
}

const BLACK_TO_WHITE = [[0, 0, 0], [255, 255, 255]];

// How a map's values become colors: white is 0, orange below and purple above it; or black to white.
function signed(limit, colors) {
  return { colors, low: -limit, high: limit };
}

function brightness(high) {
  return { colors: BLACK_TO_WHITE, low: 0, high };
}

function placeOf(value, { low, high }) {
  return Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
}

// The lowest and the highest of some numbers.
function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

// A limit that nearly all values stay within, so that a few extreme ones do not make all others pale.
function limitOf(values) {
  const sorted = Float64Array.from(values, Math.abs).sort();
  return sorted[Math.floor(0.995 * (sorted.length - 1))] || sorted[sorted.length - 1] || 1;
}

// The bytes that Python has written as base64.
function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

// A matrix that Python's `encoded` has written.
function decoded({ numbers, kind, rows, columns }) {
  const values = Float64Array.from(new { Uint8Array, Float64Array }[kind](bytes(numbers).buffer));
  return { values, rows, columns };
}

// The f x f values of a map from a place on, row by row.
function windowOf({ values, columns }, row, column, f) {
  return Array.from({ length: f * f }, (_, at) => values[(row + Math.floor(at / f)) * columns + column + (at % f)]);
}

// The output of a 3x3 kernel without padding: a sum of nine shifted copies of the input.
function crossCorrelated(input, weights) {
  const [rows, columns] = [input.rows - 2, input.columns - 2];
  const values = new Float64Array(rows * columns);
  weights.forEach((weight, at) => {
    const first = Math.floor(at / 3) * input.columns + (at % 3);
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < columns; w++) {
        values[h * columns + w] += weight * input.values[first + h * input.columns + w];
      }
    }
  });
  return { values, rows, columns };
}

// A place with a caption, for a grid or for fields, in a row of them.
function addPart(row, caption) {
  const figure = add(row, "figure", { class: "lesson-explorable-part" });
  const title = add(figure, "figcaption", {}, caption);
  return { box: add(figure, "div"), title };
}

// ---- Grids of cells with their numbers, as `convnet.plots.draw_grid` draws them

const CELL = 40; // units of a grid's drawing

// Draws rows of numbers; null is an empty cell. `hatched` and `crossed` say which cells are so, `windows`
// are outlines [row, column, height, width] or lists of single cells [[row, column], ...].
function drawGrid(box, values, options) {
  const { name, palette, hatched, crossed, windows = [], scale, size = CELL, choose } = options;
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  const numbers = values.flat().filter((value) => value !== null);
  const [low, high] = scale ?? [Math.min(...numbers), Math.max(...numbers)];
  const longest = Math.max(...numbers.map((value) => short(value).length));
  const height = Math.min(16, 62 / longest); // of all numbers in the grid
  const drawing = shape(null, "svg", {
    viewBox: `-3 -3 ${columns * CELL + 6} ${rows * CELL + 6}`,
    width: columns * size + 6,
    role: "img",
    "aria-label": `${name}, ${rows} x ${columns}: ${spoken(values)}`,
  });
  drawing.style.minWidth = `${columns * Math.min(size, 22)}px`;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row][column];
      const [x, y] = [column * CELL, row * CELL];
      const cell = shape(drawing, "g", { "data-row": row, "data-column": column });
      const outside = hatched?.(row, column);
      const fill = value === null || outside ? [255, 255, 255] : gridColor(value, low, high, palette);
      shape(cell, "rect", { x, y, width: CELL, height: CELL, fill: css(fill), stroke: "#808080" });
      if (outside) {
        cell.dataset.hatched = "";
        for (const [x1, y1, x2, y2] of HATCHES) {
          const line = { x1: x + x1, y1: y + y1, x2: x + x2, y2: y + y2, stroke: "#a0a0a0" };
          shape(cell, "line", line);
        }
      }
      if (crossed?.(row, column)) {
        cell.dataset.crossed = "";
        for (const [y1, y2] of [[4, 36], [36, 4]]) {
          const line = { x1: x + 4, y1: y + y1, x2: x + 36, y2: y + y2, stroke: "#b30000" };
          shape(cell, "line", { ...line, "stroke-width": 2 });
        }
      }
      if (value !== null) {
        cell.dataset.value = value;
        const text = short(value);
        if (outside) {
          const width = 0.62 * height * text.length + 4;
          const back = { x: x + CELL / 2 - width / 2, y: y + CELL / 2 - height / 2 };
          shape(cell, "rect", { ...back, width, height, fill: "white" });
        }
        const place = { x: x + CELL / 2, y: y + CELL / 2, "font-size": height };
        shape(cell, "text", place).textContent = text;
      }
    }
  }
  for (const window of windows) {
    const cells = Array.isArray(window[0]) ? window.map(([row, column]) => [row, column, 1, 1]) : [window];
    for (const [row, column, height, width] of cells) {
      shape(drawing, "rect", {
        x: column * CELL,
        y: row * CELL,
        width: width * CELL,
        height: height * CELL,
        fill: "none",
        stroke: "#e08214",
        "stroke-width": 5,
      });
    }
  }
  if (choose) {
    const point = (event) => {
      const cell = event.target.closest("[data-row]");
      if (cell) choose(Number(cell.dataset.row), Number(cell.dataset.column));
    };
    drawing.addEventListener("pointerdown", point);
    drawing.style.cursor = "pointer";
  }
  const scrolled = box.scrollLeft;
  box.classList.add("lesson-explorable-grid");
  box.replaceChildren(drawing);
  box.scrollLeft = scrolled;
}

const HATCHES = [[0, 20, 20, 0], [0, 40, 40, 0], [20, 40, 40, 20]];

function shape(parent, tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

function gridColor(value, low, high, palette) {
  if (low < 0) return between(palette.signed, 0.5 + (0.25 * value) / Math.max(-low, high));
  return between(palette.positive, 0.05 + (0.5 * (value - low)) / (high - low || 1));
}

function spoken(values) {
  const rows = values.map((row) => row.map((value) => (value === null ? "empty" : short(value))).join(" "));
  return values.flat().length > 60 ? "too many values to read out" : rows.join("; ");
}

// ---- Maps: images of which each pixel is a number

// A map is { values, rows, columns }. Returns what draws one, what shows only its first values, what outlines
// a part of it, and what draws a dashed frame around another part.
// `choose(row, column, hovering)` is called where the reader points: a mouse by hovering, until a click holds
// the place; a finger by touching, and by moving sideways. `step(rows, columns)` is called for arrow keys.
function addMap(parent, choose, step, { hover = true } = {}) {
  const figure = add(parent, "figure");
  const caption = add(figure, "figcaption");
  const box = add(figure, "div", { class: "lesson-explorable-map" });
  const canvas = add(box, "canvas", { role: "application", tabindex: 0 }); // which gets the arrow keys
  const frame = add(box, "div", { class: "lesson-explorable-frame" });
  const outline = add(box, "div", { class: "lesson-explorable-mark" });
  const legend = add(figure, "div", { class: "lesson-explorable-legend" });
  const context = canvas.getContext("2d");
  let held = !hover;
  let pixels = null;
  let revealed = 0; // how many of them are shown

  function point(event, hovering) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * canvas.width);
    const row = Math.floor(((event.clientY - top) / height) * canvas.height);
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    choose(within(row, canvas.height), within(column, canvas.width), hovering);
  }

  box.addEventListener("pointerdown", (event) => {
    held = !hover || (event.pointerType === "mouse" && !held);
    point(event, false);
  });
  box.addEventListener("pointermove", (event) => {
    if (!held || (hover && event.buttons)) point(event, !event.buttons);
  });
  addArrowKeys(canvas, step);

  return {
    // `text` says what there is to see.
    show(map, { text, caption: title, shading = null, pixel = null, scale = true }) {
      pixels = paint(canvas, map, { shading, pixel });
      revealed = map.rows * map.columns;
      canvas.explored = map;
      figure.toggleAttribute("data-signed", shading?.low < 0);
      canvas.setAttribute("aria-label", `${text} Arrow keys move the outline.`);
      caption.textContent = title;
      legend.replaceChildren();
      if (shading && scale) {
        add(legend, "span", {}, short(shading.low));
        const bar = add(legend, "span");
        bar.style.background = `linear-gradient(to right, ${shading.colors.map(css).join(", ")})`;
        add(legend, "span", {}, short(shading.high));
      }
    },
    reveal(count) {
      if (count === revealed) return;
      revealed = count;
      const [whole, rest] = [Math.floor(count / canvas.width), count % canvas.width];
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.putImageData(pixels, 0, 0, 0, 0, canvas.width, whole);
      context.putImageData(pixels, 0, 0, 0, whole, rest, 1);
    },
    mark: (...part) => place(outline, ...part),
    frame: (...part) => place(frame, ...part),
  };

  function place(element, row, column, height, width) {
    Object.assign(element.style, {
      left: `${(100 * (column + width / 2)) / canvas.width}%`,
      top: `${(100 * (row + height / 2)) / canvas.height}%`,
      width: `max(8px, ${(100 * width) / canvas.width}%)`,
      height: `max(8px, ${(100 * height) / canvas.height}%)`,
      display: "block",
    });
  }
}

// Draws a map into a canvas, a pixel for each value: `pixel(at)` gives its color, else `shading` does.
function paint(canvas, { values, rows, columns }, { shading = null, pixel = null }) {
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  // A table of colors, as a photograph has tens of thousands of values.
  const table = shading && Array.from({ length: 1024 }, (_, at) => between(shading.colors, at / 1023));
  for (let at = 0; at < rows * columns; at++) {
    pixels.data.set(pixel ? pixel(at) : table[Math.round(1023 * placeOf(values[at], shading))], 4 * at);
    pixels.data[4 * at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return pixels;
}

// Calls `step(rows, columns)` for an arrow key, with ten at a time if Shift is pressed.
function addArrowKeys(element, step) {
  element.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // the page does not scroll
    step(...move.map((count) => (event.shiftKey ? 10 : 1) * count));
  });
}

const MOVES =
  "Point at an image, or go to it with Tab and use the arrow keys (with Shift: ten steps at a time). " +
  "A click holds the window.";

// ---- The reader's own picture, which never leaves the page

// Buttons for a file and for the camera. `use(picture, live)` gets { rows, columns, colors }, three bytes a
// pixel, of at most `longest` pixels a side, or null for the lesson's; `live` while the camera's still moves.
function addPictureButtons(parent, stage, longest, use) {
  const row = addRow(parent, "Picture");
  const file = add(row, "input", { type: "file", accept: "image/*", "aria-label": "File of a picture" });
  file.hidden = true;
  addButton(row, "Original", () => {
    stop();
    use(null, false);
    note.textContent = "";
  });
  addButton(row, "Own picture", () => file.click());
  const camera = addButton(row, "Camera", () => (stream ? take() : start()));
  const note = add(row, "span", { role: "status" });
  let stream = null;
  let video = null;

  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    file.value = ""; // the same file can be chosen again
    stop();
    try {
      const image = await createImageBitmap(chosen);
      use(pixels(image, image.width, image.height), false);
      note.textContent = STAYS;
    } catch {
      note.textContent = `${chosen.name} is no image that this browser can read, such as JPEG or PNG.`;
    }
  });

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video = document.createElement("video");
      Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
      await video.play();
    } catch {
      stop();
      note.textContent = "There is no camera that this page may use.";
      return;
    }
    camera.textContent = "Take the picture";
    note.textContent = STAYS;
    frame();
  }

  function frame() {
    if (!stream) return;
    if (!stage.isConnected) return stop(); // the cell was run again
    use(pixels(video, video.videoWidth, video.videoHeight), true);
    setTimeout(frame, 100);
  }

  function take() {
    const picture = pixels(video, video.videoWidth, video.videoHeight);
    stop();
    use(picture, false);
  }

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    camera.textContent = "Camera";
  }

  function pixels(source, width, height) {
    const scale = Math.min(1, longest / Math.max(width, height));
    const even = (length) => Math.max(2, 2 * Math.round((scale * length) / 2)); // as 2x2 pooling needs it
    const canvas = document.createElement("canvas");
    const [columns, rows] = [even(width), even(height)];
    Object.assign(canvas, { width: columns, height: rows });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white"; // behind a transparent picture
    context.fillRect(0, 0, columns, rows);
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, columns, rows);
    const { data } = context.getImageData(0, 0, columns, rows);
    return { rows, columns, colors: data.filter((_, at) => at % 4 < 3) };
  }
}

const STAYS = "Your picture stays in this page: nothing is sent.";
