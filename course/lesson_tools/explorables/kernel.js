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
    let next = 0; // the number of the output value at which the kernel goes on sliding
    let playing = null; // the next frame of the animation

    const press = addChoice(stage, "Kernel", kernels.map(({ name }) => name), choose);
    const maps = add(stage, "div", { class: "lesson-explorable-maps" });
    const step = (rows, columns) => choosePlace(row + rows, column + columns);
    const atMiddle = (h, w, hovering) => choosePlace(h - 1, w - 1, hovering); // of the window
    const inputMap = addMap(maps, atMiddle, step);
    const outputMap = addMap(maps, choosePlace, step);
    add(stage, "p", { class: "lesson-explorable-note" }, MOVES);
    const slide = addRow(stage, "Slide");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const button = addButton(slide, calm ? "Next position" : "Play", () => {
      if (calm) advance(1);
      else if (playing) pause();
      else play();
    });
    let speed = SLOW;
    if (!calm) addChoice(slide, "Speed", [SLOW, FAST], (name) => (speed = name));
    new IntersectionObserver((entries) => entries.at(-1).isIntersecting || pause()).observe(maps);
    const pressOutput = addChoice(stage, "Output", [SIGNED, BRIGHTNESS], (name) => {
      signedOutput = name === SIGNED;
      draw();
      go(row, column);
    });
    const equation = add(stage, "div", { class: "lesson-explorable-equation" });
    const patchBox = addPart(equation, "window").box;
    add(equation, "span", {}, "×");
    const weightBox = addPart(equation, "kernel").box;
    weightBox.classList.add("lesson-explorable-weights");
    const fields = Array.from({ length: 9 }, (_, at) => addWeight(at));
    add(equation, "span", {}, "=");
    const productBox = addPart(equation, "products").box;
    const rejected = add(stage, "output", { class: "lesson-explorable-rejected" });
    const result = add(stage, "p", { role: "status" });
    const total = add(stage, "p");
    const place = add(stage, "div", { class: "lesson-explorable-row" });
    const setRow = addSlider(place, "Output row", (h) => choosePlace(h, column));
    const setColumn = addSlider(place, "Output column", (w) => choosePlace(row, w));
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
        else if (NO_NUMBER.test(field.value)) reject();
      });
      field.addEventListener("change", () => {
        if (parsed(field.value) === null) reject();
        writeWeights();
      });
      field.addEventListener("keydown", (event) => {
        const change = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!change) return;
        event.preventDefault();
        set(weights[at] + change);
        writeWeights();
      });
      function reject() {
        const kept = `"${field.value}" is not a number, so the weight stays ${short(weights[at])}`;
        rejected.textContent = `${name}: ${kept}. Type a number such as 2, -0.5 or 1/9.`;
      }
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
      rejected.textContent = "";
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
          signedOutput ? "orange below 0 and purple above it" : "in gray"
        }.`,
        caption: `output, ${size(output)}, from ${least} to ${most}`,
        shading: signedOutput ? signed(limitOf(output.values), palette.signed) : shading,
      });
    }

    function choosePlace(h, w, hovering = false) {
      if (playing && hovering) return;
      pause();
      go(h, w);
    }

    function play() {
      let before = performance.now();
      let due = 1; // values to show
      button.textContent = "Pause";
      playing = requestAnimationFrame(function frame(now) {
        playing = requestAnimationFrame(frame);
        const rate = speed === SLOW ? PER_SECOND : Math.max(PER_SECOND, output.values.length / LONGEST);
        due += (rate * Math.min(now - before, 250)) / 1000; // no leap if the page has stood still
        before = now;
        if (due >= 1) advance(Math.floor(due));
        due %= 1;
      });
    }

    function advance(count) {
      const { values, columns } = output;
      if (next >= values.length) next = 0;
      next = Math.min(next + count, values.length);
      go(Math.floor((next - 1) / columns), (next - 1) % columns, next);
      if (next === values.length) pause();
    }

    function pause() {
      if (!playing) return;
      cancelAnimationFrame(playing);
      playing = null;
      button.textContent = "Play";
      go(row, column, next);
    }

    // `shown` is the number of output values to show: those that the sliding kernel has computed, or all.
    function go(h, w, shown = playing ? next : output.values.length) {
      row = Math.max(0, Math.min(output.rows - 1, h));
      column = Math.max(0, Math.min(output.columns - 1, w));
      setRow({ value: row });
      setColumn({ value: column });
      inputMap.mark(row, column, 3, 3);
      outputMap.mark(row, column, 1, 1);
      outputMap.reveal(shown);
      const patch = windowOf(input, row, column, 3);
      const products = patch.map((value, at) => value * weights[at]);
      drawGrid(patchBox, inRows(patch, 3), { name: "Window", palette });
      drawGrid(productBox, inRows(products, 3), { name: "Products", palette });
      const value = output.values[row * output.columns + column];
      result.dataset.value = value;
      say(result, stage, equationOf("output", row, column, patch, weights, value), Boolean(playing));
    }
  }

  function gray({ rows, columns, colors }) {
    const mean = (_, at) => Math.round((colors[3 * at] + colors[3 * at + 1] + colors[3 * at + 2]) / 3);
    return { rows, columns, values: Float64Array.from({ length: rows * columns }, mean) };
  }
}

const SIGNED = "signed, white at 0";
const BRIGHTNESS = "as the input";
const [SLOW, FAST] = ["slow", "fast"];
const PER_SECOND = 4; // values, while the kernel slides slowly
const LONGEST = 20; // seconds in which a fast kernel slides over the whole image

const NO_NUMBER = /[^\d\s.,/e+\-−]/i; // in a text that does not become a number when more is typed

// A number such as 0.5, 0,5, -1 or 1/9; null if the text is none.
function parsed(text) {
  const plain = text.replaceAll("−", "-").replaceAll(",", ".");
  const [, above, below = "1"] = /^\s*([^/]+?)\s*(?:\/\s*([^/]+?)\s*)?$/.exec(plain) ?? [];
  const value = above === undefined ? NaN : Number(above) / Number(below);
  return Number.isFinite(value) ? value : null;
}
