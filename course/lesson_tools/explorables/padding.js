// Padding: the reader chooses the mode and the amount, and sees what a 3x3 kernel makes of the border.

// `image` is an array as Python's `encoded` writes it, `kernels` a list of { name, weights }.
function startPadding({ token, image, kernels, palette }) {
  const input = decoded(image);
  startExplorable(token, (stage) => {
    let { name, weights } = kernels[0];
    let mode = "constant";
    let padding = 1;
    let padded;
    let output;
    let [row, column] = [input.rows >> 1, 0]; // of the output

    addChoice(stage, "Mode", Object.keys(MODES), (chosen) => {
      mode = chosen;
      update();
    });
    addChoice(stage, "Kernel", kernels.map(({ name }) => name), (chosen) => {
      ({ name, weights } = kernels.find((kernel) => kernel.name === chosen));
      update();
    });
    const amount = add(stage, "div", { class: "lesson-explorable-row" });
    const setPadding = addSlider(amount, "Padding p", (p) => {
      row += p - padding; // the same place of the image
      column += p - padding;
      padding = p;
      update();
    });
    setPadding({ max: MOST, value: padding });
    const call = add(stage, "p");
    const maps = add(stage, "div", { class: "lesson-explorable-maps" });
    const step = (rows, columns) => go(row + rows, column + columns);
    const paddedMap = addMap(maps, (h, w) => go(h - 1, w - 1), step); // at the middle of its window
    const outputMap = addMap(maps, go, step);
    add(stage, "p", { class: "lesson-explorable-note" }, MOVES);
    const effect = add(stage, "p", { role: "status" });
    const equation = add(stage, "div", { class: "lesson-explorable-equation" });
    const patchBox = addPart(equation, "window").box;
    add(equation, "span", {}, "×");
    const weightBox = addPart(equation, "kernel").box;
    add(equation, "span", {}, "=");
    const productBox = addPart(equation, "products").box;
    const result = add(stage, "p", { role: "status" });
    const place = add(stage, "div", { class: "lesson-explorable-row" });
    const setRow = addSlider(place, "Output row", (h) => go(h, column));
    const setColumn = addSlider(place, "Output column", (w) => go(row, w));
    update();

    function update() {
      padded = paddedWith(input, padding, mode);
      output = crossCorrelated(padded, weights);
      const [low, high] = extent(input.values);
      const shading = low < 0 ? signed(Math.max(-low, high), palette.signed) : brightness(high);
      const isSigned = low < 0 || Math.abs(sum(weights)) < 1e-9;
      const [least, most] = extent(output.values).map(short);
      paddedMap.show(padded, {
        text: `The padded image, ${size(padded)} values, with a dashed frame around the image.`,
        caption: `${padding ? "padded image" : "image"}, ${size(padded)}`,
        shading,
        scale: false,
      });
      outputMap.show(output, {
        text: `The output, ${size(output)} values from ${least} to ${most}.`,
        caption: `output of ${name}, ${size(output)}, from ${least} to ${most}`,
        shading: isSigned ? signed(limitOf(output.values), palette.signed) : shading,
      });
      paddedMap.frame(padding, padding, input.rows, input.columns);
      outputMap.frame(padding, padding, input.rows - 2, input.columns - 2);
      call.textContent = `np.pad(image, ${padding}, mode="${mode}") fills the padding with ${MODES[mode]}.`;
      say(effect, stage, effectOf());
      setRow({ max: output.rows - 1 });
      setColumn({ max: output.columns - 1 });
      go(row, column);
    }

    // How the values that depend on the padding differ from the others.
    function effectOf() {
      if (!padding) return `Without padding, the output is smaller than the image: ${size(output)} values.`;
      const [border, others] = [[], []];
      output.values.forEach((value, at) => {
        const inside =
          within(Math.floor(at / output.columns) - padding, input.rows - 2) &&
          within((at % output.columns) - padding, input.columns - 2);
        (inside ? others : border).push(Math.abs(value));
      });
      const [outer, inner] = [border, others].map(
        (values) => `${short(sum(values) / values.length)} (largest: ${short(extent(values)[1])})`,
      );
      return (
        `${border.length} of ${output.values.length} output values depend on the padding: those outside the ` +
        `dashed frame. Their mean absolute value is ${outer}, that of the others ${inner}.`
      );
    }

    function go(h, w) {
      row = Math.max(0, Math.min(output.rows - 1, h));
      column = Math.max(0, Math.min(output.columns - 1, w));
      setRow({ value: row });
      setColumn({ value: column });
      paddedMap.mark(row, column, 3, 3);
      outputMap.mark(row, column, 1, 1);
      const patch = windowOf(padded, row, column, 3);
      const products = patch.map((value, at) => value * weights[at]);
      const hatched = (r, q) =>
        !within(row + r - padding, input.rows) || !within(column + q - padding, input.columns);
      drawGrid(patchBox, inRows(patch, 3), { name: "Window", palette, hatched });
      drawGrid(weightBox, inRows(weights, 3), { name: "Kernel", palette });
      drawGrid(productBox, inRows(products, 3), { name: "Products", palette });
      const value = output.values[row * output.columns + column];
      say(result, stage, equationOf("output", row, column, patch, weights, value));
    }
  });
}

const MOST = 8; // largest padding

// What the modes of `np.pad` fill the padding with.
const MODES = {
  constant: "zeros (zero padding)",
  edge: "the pixels on the border, repeated (replication padding)",
  reflect: "the image mirrored, with the pixels on the border once (reflection padding)",
  symmetric: "the image mirrored, with the pixels on the border twice",
  wrap: "the opposite side of the image (circular padding)",
};

// The index of the value with which a mode continues n values at an index before or after them.
const SOURCES = {
  edge: (at, n) => Math.max(0, Math.min(n - 1, at)),
  reflect: (at, n) => n - 1 - Math.abs(n - 1 - modulo(at, 2 * n - 2)),
  symmetric: (at, n) => Math.floor(n - Math.abs(n - 0.5 - modulo(at, 2 * n))),
  wrap: (at, n) => modulo(at, n),
};

function within(at, n) {
  return at >= 0 && at < n;
}

function modulo(at, n) {
  return ((at % n) + n) % n;
}

function paddedWith({ values, rows, columns }, padding, mode) {
  const [height, width] = [rows + 2 * padding, columns + 2 * padding];
  const source = SOURCES[mode];
  const padded = Float64Array.from({ length: height * width }, (_, at) => {
    const [h, w] = [Math.floor(at / width) - padding, (at % width) - padding];
    if (source) return values[source(h, rows) * columns + source(w, columns)];
    return within(h, rows) && within(w, columns) ? values[h * columns + w] : 0;
  });
  return { values: padded, rows: height, columns: width };
}
