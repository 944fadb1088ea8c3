// The sizes of a convolution and of a transposed convolution: the reader steps through the positions of the
// kernel, and sees the output size, what is never read and what is cropped.

// `input` and `kernel` are matrices of the largest sizes; `start` and `ranges` have the sizes by their names.
function startSizes({ token, input, kernel, start, ranges, palette }) {
  startExplorable(token, (stage) => {
    const given = { ...start };
    let step = 0; // of the outputs of a convolution, or of the inputs of a transposed one
    let layer;

    addChoice(stage, "Layer", [CONVOLUTION, TRANSPOSED], (name) => {
      given.transposed = name === TRANSPOSED;
      update();
    })(given.transposed ? TRANSPOSED : CONVOLUTION);
    const settings = add(stage, "div", { class: "lesson-explorable-row" });
    const setters = {};
    for (const [name, [min, max]] of Object.entries(ranges)) {
      setters[name] = addSlider(settings, NAMES[name], (value) => {
        given[name] = value;
        update();
      });
      setters[name]({ min, max, value: given[name] });
    }
    const formula = add(stage, "p", { class: "lesson-explorable-formula", role: "status" });
    const grids = add(stage, "div", { class: "lesson-explorable-maps" });
    const from = addPart(grids, "input");
    const through = addPart(grids, "kernel");
    const to = addPart(grids, "output");
    const controls = add(stage, "div", { class: "lesson-explorable-row", role: "group", "aria-label": "Steps" });
    const back = addButton(controls, "Previous", () => go(step - 1));
    const next = addButton(controls, "Next", () => go(step + 1));
    const setStep = addSlider(controls, "Step", (number) => go(number - 1));
    const sentence = add(stage, "p", { role: "status" });
    const lost = add(stage, "p");
    update();

    function update() {
      given.output_padding = Math.min(given.output_padding, given.stride - 1);
      const { output_padding, stride, transposed } = given;
      setters.output_padding({
        max: Math.min(stride - 1, ranges.output_padding[1]),
        value: transposed ? output_padding : 0,
        disabled: !transposed || stride === 1,
      });
      layer = (transposed ? transposedConvolution : convolution)(given, input, kernel);
      say(formula, stage, formulas(given, layer));
      lost.textContent = layer.lost;
      step = 0;
      setStep({ min: 1, max: Math.max(1, layer.steps), disabled: !layer.steps });
      go(0);
    }

    function go(number) {
      step = Math.max(0, Math.min(layer.steps - 1, number));
      back.setAttribute("aria-disabled", step === 0); // not disabled, which would lose the focus
      next.setAttribute("aria-disabled", step >= layer.steps - 1);
      if (layer.steps) setStep({ value: step + 1 });
      layer.draw(step, { from, through, to, sentence: (text) => say(sentence, stage, text), palette, go });
    }
  });
}

const CONVOLUTION = "convolution";
const TRANSPOSED = "transposed convolution";
const NAMES = {
  rows: "Input rows",
  columns: "Input columns",
  f: "Kernel size f",
  stride: "Stride s",
  padding: "Padding p",
  dilation: "Dilation d",
  output_padding: "Output padding a",
};

// The positions in a kernel, row by row.
function positions(f) {
  return matrix(f, f, (r, q) => [r, q]).flat();
}

function spanOf({ f, dilation }) {
  return dilation * (f - 1) + 1;
}

function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

// Height and width by the formula, with their numbers.
function formulas(given, { size }) {
  const { rows, columns, f, stride, padding, dilation, output_padding, transposed } = given;
  const span = spanOf(given);
  const dilated = dilation > 1 ? `f_d = d(f - 1) + 1 = ${dilation}·(${f} - 1) + 1 = ${span}. ` : "";
  const name = dilation > 1 ? "f_d" : "f";
  const line = transposed
    ? (n, out) =>
        `${stride}·(${n} - 1) + ${span} - 2·${padding}${output_padding ? ` + ${output_padding}` : ""} = ${out}`
    : (n, out) => `⌊(${n} + 2·${padding} - ${span}) / ${stride}⌋ + 1 = ${out}`;
  const general = transposed
    ? `s(n - 1) + ${name} - 2p${output_padding ? " + a" : ""}`
    : `⌊(n + 2p - ${name}) / s⌋ + 1`;
  const values =
    rows === columns
      ? line(rows, size[0])
      : `${line(rows, size[0])} rows; ${line(columns, size[1])} columns`;
  return `${dilated}Output size: ${general} = ${values}`;
}

// What a convolution does: `size` by the formula, how many `steps`, what is `lost`, and how to `draw` a step.
function convolution(given, input, kernel) {
  const { rows, columns, f, stride, padding, dilation } = given;
  const span = spanOf(given);
  const [height, width] = [rows + 2 * padding, columns + 2 * padding];
  const size = [height, width].map((n) => Math.floor((n - span) / stride) + 1);
  const fits = size[0] > 0 && size[1] > 0;
  const isPadding = (row, column) =>
    row < padding || column < padding || row >= rows + padding || column >= columns + padding;
  const padded = matrix(height, width, (row, column) =>
    isPadding(row, column) ? 0 : input[row - padding][column - padding],
  );
  const [n_H, n_W] = fits ? size : [0, 0];
  const reads = matrix(height, width, () => 0); // how many windows read each cell
  const cellsAt = (h, w) => positions(f).map(([r, q]) => [h * stride + r * dilation, w * stride + q * dilation]);
  const weights = positions(f).map(([r, q]) => kernel[r][q]);
  const patchAt = (h, w) => cellsAt(h, w).map(([row, column]) => padded[row][column]);
  const output = matrix(n_H, n_W, (h, w) => {
    for (const [row, column] of cellsAt(h, w)) reads[row][column]++;
    return sum(patchAt(h, w).map((value, at) => value * weights[at]));
  });
  const own = matrix(rows, columns, (row, column) => reads[row + padding][column + padding]).flat();

  function lost() {
    if (!fits) {
      return `The kernel spans ${span} cells, the padded input has ${height} x ${width}: there is no position for it.`;
    }
    const unread = own.filter((count) => count === 0).length;
    const change = n_H < rows || n_W < columns
      ? `The input has ${rows} x ${columns} values, the output ${n_H} x ${n_W}.`
      : "The output is not smaller than the input.";
    const reading = unread
      ? `${counted(unread, "value")} of ${rows * columns} ${unread === 1 ? "is" : "are"} never read (crossed).`
      : "Every value is read.";
    const most = Math.max(...own);
    return `${change} ${reading} The upper left value is in ${counted(own[0], "window")}, others in up to ${most}.`;
  }

  return {
    size,
    steps: n_H * n_W,
    lost: lost(),
    draw(step, { from, through, to, sentence, palette, go }) {
      const [h, w] = [Math.floor(step / n_W), step % n_W];
      from.title.textContent = `${padding ? "padded input" : "input"}, ${height} x ${width}`;
      drawGrid(from.box, padded, {
        name: "Input",
        palette,
        scale: [0, 12],
        hatched: isPadding,
        crossed: fits ? (row, column) => !isPadding(row, column) && !reads[row][column] : undefined,
        windows: !fits ? [] : dilation > 1 ? [cellsAt(h, w)] : [[h * stride, w * stride, f, f]],
        size: 30,
      });
      drawKernel(through, given, kernel, palette);
      to.title.textContent = `output, ${size.map((n) => Math.max(0, n)).join(" x ")}`;
      if (!fits) {
        to.box.replaceChildren();
        return sentence("");
      }
      const sofar = output.map((row, at) => row.map((value, column) => (at * n_W + column > step ? null : value)));
      const all = output.flat();
      drawGrid(to.box, sofar, {
        name: "Output so far",
        palette,
        scale: [Math.min(0, ...all), Math.max(...all)],
        windows: [[h, w, 1, 1]],
        size: 30,
        choose: (row, column) => go(row * n_W + column),
      });
      sentence(`output[${h}, ${w}] = ${terms(patchAt(h, w), weights)} = ${short(output[h][w])}`);
    },
  };
}

// The same of a transposed convolution, which adds a scaled copy of the kernel for each input value.
function transposedConvolution(given, input, kernel) {
  const { rows, columns, f, stride, padding, dilation, output_padding } = given;
  const span = spanOf(given);
  const full = [rows, columns].map((n) => stride * (n - 1) + span);
  const size = full.map((n) => n - 2 * padding + output_padding);
  const fits = size[0] > 0 && size[1] > 0;
  // All that copies reach, and all that is kept: the output padding may lie beyond the last copy.
  const [height, width] = full.map((n, axis) => Math.max(n, padding + size[axis]));
  const isCropped = (row, column) =>
    row < padding || column < padding || row >= padding + size[0] || column >= padding + size[1];
  const cellsAt = (h, w) => positions(f).map(([r, q]) => [h * stride + r * dilation, w * stride + q * dilation]);
  const weights = positions(f).map(([r, q]) => kernel[r][q]);

  // The output after some steps, and how many copies have reached each cell.
  function after(steps) {
    const [values, copies] = [matrix(height, width, () => 0), matrix(height, width, () => 0)];
    for (let step = 0; step < steps; step++) {
      const [h, w] = [Math.floor(step / columns), step % columns];
      cellsAt(h, w).forEach(([row, column], at) => {
        values[row][column] += input[h][w] * weights[at];
        copies[row][column]++;
      });
    }
    return { values, copies };
  }

  const { values: all, copies: reached } = after(rows * columns);
  const kept = reached.flatMap((row, at) => row.filter((_, column) => !isCropped(at, column)));

  function lost() {
    if (!fits) {
      return `The copies span ${full.join(" x ")} cells, and ${2 * padding} rows and columns are cropped: nothing is left.`;
    }
    const untouched = kept.filter((count) => count === 0).length;
    const most = Math.max(...kept);
    const crop = padding
      ? `On each side, ${counted(padding, "row or column", "rows or columns")} of the sum are cropped (hatched).`
      : "Nothing is cropped.";
    const reach = untouched
      ? `${counted(untouched, "output value")} ${untouched === 1 ? "gets" : "get"} no copy (crossed).`
      : "Copies reach every output value.";
    const least = Math.min(...kept.filter((count) => count > 0));
    const overlap = least === most ? `${most}` : `${least} to ${most}`;
    return `${crop} ${reach} Copies that overlap are added: an output value has ${overlap} of them.`;
  }

  return {
    size,
    steps: fits ? rows * columns : 0,
    lost: lost(),
    draw(step, { from, through, to, sentence, palette, go }) {
      const [h, w] = [Math.floor(step / columns), step % columns];
      from.title.textContent = `input, ${rows} x ${columns}`;
      drawGrid(from.box, matrix(rows, columns, (row, column) => input[row][column]), {
        name: "Input",
        palette,
        scale: [0, 12],
        windows: fits ? [[h, w, 1, 1]] : [],
        size: 30,
        choose: (row, column) => go(row * columns + column),
      });
      drawKernel(through, given, kernel, palette);
      to.title.textContent = `output, ${size.map((n) => Math.max(0, n)).join(" x ")}`;
      if (!fits) {
        to.box.replaceChildren();
        return sentence("");
      }
      const { values, copies } = after(step + 1);
      const numbers = all.flat();
      drawGrid(to.box, matrix(height, width, (row, column) =>
        copies[row][column] || !reached[row][column] ? values[row][column] : null), {
        name: "Output so far",
        palette,
        scale: [Math.min(0, ...numbers), Math.max(...numbers)],
        hatched: isCropped,
        crossed: (row, column) => !isCropped(row, column) && !reached[row][column],
        windows: dilation > 1 ? [cellsAt(h, w)] : [[h * stride, w * stride, f, f]],
        size: 30,
      });
      const corner = [h * stride - padding, w * stride - padding];
      sentence(
        `input[${h}, ${w}] = ${input[h][w]}: ${input[h][w]} times the kernel is added, from ` +
          `output[${corner.join(", ")}] on${Math.min(...corner) < 0 ? ", which is cropped" : ""}.`,
      );
    },
  };
}

// The kernel, with its dilation: empty cells between the weights.
function drawKernel(part, given, kernel, palette) {
  const { f, dilation } = given;
  const span = spanOf(given);
  part.title.textContent = `kernel, ${f} x ${f}`;
  const spread = matrix(span, span, (row, column) =>
    row % dilation || column % dilation ? null : kernel[row / dilation][column / dilation],
  );
  const numbers = spread.flat().filter((value) => value !== null);
  const scale = [Math.min(...numbers), Math.max(...numbers)];
  drawGrid(part.box, spread, { name: "Kernel", palette, scale, size: 30 });
}
