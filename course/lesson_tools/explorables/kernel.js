// A kernel on an image: its nine weights can be changed, and each value of the output shows its window.

// `image` is an array as Python's `encoded` writes it, `kernels` a list of { name, weights }, and `palette`
// has the colors of negative and positive numbers.
function startKernel({ token, image, kernels, palette }) {
  const original = decoded(image);
  startExplorable(token, (stage) => build(stage, original));

  function build(stage, original) {
    let input = original;
    let output;
    let weights;
    let signedOutput;
    let [row, column] = [original.rows >> 1, original.columns >> 1]; // of the output

    const press = addChoice(stage, "Kernel", kernels.map(({ name }) => name), choose);
    const maps = add(stage, "div", { class: "lesson-explorable-maps" });
    const inputMap = addMap(maps, (h, w) => go(h - 1, w - 1)); // at the middle of its window
    const outputMap = addMap(maps, go);
    const pressOutput = addChoice(stage, "Output", [SIGNED, BRIGHTNESS], (name) => {
      signedOutput = name === SIGNED;
      draw();
    });
    const equation = add(stage, "div", { class: "lesson-explorable-equation" });
    const patchBox = addPart(equation, "window").box;
    add(equation, "span", {}, "×");
    const weightBox = addPart(equation, "kernel").box;
    weightBox.classList.add("lesson-explorable-weights");
    const fields = Array.from({ length: 9 }, (_, at) => addWeight(at));
    add(equation, "span", {}, "=");
    const productBox = addPart(equation, "products").box;
    const result = add(stage, "p", { role: "status" });
    const total = add(stage, "p");
    const place = add(stage, "div", { class: "lesson-explorable-row" });
    const setRow = addSlider(place, "Output row", (h) => go(h, column));
    const setColumn = addSlider(place, "Output column", (w) => go(row, w));
    addPictureButtons(stage, stage, 320, (picture) => {
      input = picture ? gray(picture) : original;
      convolve();
    });
    choose(kernels[0].name);

    function choose(name) {
      weights = kernels.find((kernel) => kernel.name === name).weights.flat();
      // Weights that add up to 0 respond to changes of both signs; others are seen as a photograph.
      signedOutput = Math.abs(sum(weights)) < 1e-9;
      pressOutput(signedOutput ? SIGNED : BRIGHTNESS);
      writeWeights();
      convolve();
    }

    function addWeight(at) {
      const name = `Weight in row ${Math.floor(at / 3)}, column ${at % 3}`;
      const field = add(weightBox, "input", { type: "text", "aria-label": name, autocomplete: "off" });
      field.addEventListener("input", () => {
        const value = parsed(field.value);
        field.setAttribute("aria-invalid", value === null);
        if (value !== null) set(value);
      });
      field.addEventListener("change", writeWeights); // where it is no number, the last one stands
      field.addEventListener("keydown", (event) => {
        const change = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!change) return;
        event.preventDefault();
        set(weights[at] + change);
        writeWeights();
      });
      function set(value) {
        weights[at] = value;
        press(null);
        convolve();
      }
      return field;
    }

    function writeWeights() {
      fields.forEach((field, at) => {
        field.value = short(weights[at]);
        field.setAttribute("aria-invalid", false);
      });
    }

    function convolve() {
      output = crossCorrelated(input, weights);
      total.textContent = `The weights add up to ${short(sum(weights))}.`;
      draw();
      setRow({ max: output.rows - 1 });
      setColumn({ max: output.columns - 1 });
      go(row, column);
    }

    function draw() {
      const [low, high] = extent(input.values);
      const shading = low < 0 ? signed(Math.max(-low, high), palette.signed) : brightness(high);
      inputMap.show(input, {
        text: `The input, ${size(input)} values.`,
        caption: `input, ${size(input)}`,
        shading,
        scale: false,
      });
      const [least, most] = extent(output.values).map(short);
      outputMap.show(output, {
        text: `The output, ${size(output)} values from ${least} to ${most}, ${
          signedOutput ? "white at 0, orange below and purple above it" : "in gray"
        }.`,
        caption: `output, ${size(output)}, from ${least} to ${most}`,
        shading: signedOutput ? signed(limitOf(output.values), palette.signed) : shading,
      });
    }

    function go(h, w) {
      row = Math.max(0, Math.min(output.rows - 1, h));
      column = Math.max(0, Math.min(output.columns - 1, w));
      setRow({ value: row });
      setColumn({ value: column });
      inputMap.mark(row, column, 3, 3);
      outputMap.mark(row, column, 1, 1);
      const patch = windowOf(input, row, column, 3);
      const products = patch.map((value, at) => value * weights[at]);
      drawGrid(patchBox, inRows(patch, 3), { name: "Window", palette });
      drawGrid(productBox, inRows(products, 3), { name: "Products", palette });
      const value = output.values[row * output.columns + column];
      result.dataset.value = value;
      say(result, stage, `output[${row}, ${column}] = ${terms(patch, weights)} = ${short(value)}`);
    }
  }

  function gray({ rows, columns, colors }) {
    const mean = (_, at) => Math.round((colors[3 * at] + colors[3 * at + 1] + colors[3 * at + 2]) / 3);
    return { rows, columns, values: Float64Array.from({ length: rows * columns }, mean) };
  }
}

const SIGNED = "signed, white at 0";
const BRIGHTNESS = "as the input";

// A number such as 0.5, 0,5, -1 or 1/9; null if the text is none.
function parsed(text) {
  const plain = text.replaceAll("−", "-").replaceAll(",", ".");
  const [, above, below = "1"] = /^\s*([^/]+?)\s*(?:\/\s*([^/]+?)\s*)?$/.exec(plain) ?? [];
  const value = above === undefined ? NaN : Number(above) / Number(below);
  return Number.isFinite(value) ? value : null;
}
