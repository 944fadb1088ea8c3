// Pooling and shifts: the reader moves an image, and sees how much of its feature map and of the pooled map
// changes.

// `image` is an array as Python's `encoded` writes it, `kernel` nine weights; `windows` are the sizes f to
// choose from, and `shifts` is the largest shift.
function startPooling({ token, image, kernel, windows, shifts, f: first, palette }) {
  const whole = decoded(image);
  startExplorable(token, (stage) => {
    let kind = "max";
    let f = first;
    let shift = 0;
    let before; // { input, features, pooled } without a shift
    let after;
    let [row, column] = [0, 0]; // of the pooled map

    addChoice(stage, "Pooling", ["max", "average"], (name) => {
      kind = name;
      update();
    });
    const named = (n) => `f = ${n}`;
    addChoice(stage, "Window and stride", windows.map(named), (name) => {
      const n = windows.find((size) => named(size) === name);
      row = Math.floor((row * f) / n); // the same place of the feature map
      column = Math.floor((column * f) / n);
      f = n;
      update();
    })(named(f));
    const moving = add(stage, "div", { class: "lesson-explorable-row" });
    const setShift = addSlider(moving, "Shift in pixels", (pixels) => {
      shift = pixels;
      update();
    });
    setShift({ max: shifts, value: shift });
    const changes = add(stage, "p", { role: "status" });
    const maps = add(stage, "div", { class: "lesson-explorable-pairs" });
    const pooledAt = (h, w) => go(Math.floor(h / f), Math.floor(w / f));
    const step = (rows, columns) => go(row + rows, column + columns);
    const inputMap = addMap(maps, (h, w) => pooledAt(h - 1, w - 1), step); // at the middle of a kernel
    const featureMap = addMap(maps, pooledAt, step);
    const pooledMap = addMap(maps, go, step);
    const changeMap = addMap(maps, go, step);
    add(stage, "p", { class: "lesson-explorable-note" }, MOVES);
    const equation = add(stage, "div", { class: "lesson-explorable-equation" });
    const start = addPart(equation, "window at shift 0");
    const now = addPart(equation, "");
    const result = add(stage, "p", { role: "status" });
    const place = add(stage, "div", { class: "lesson-explorable-row" });
    const setRow = addSlider(place, "Pooled row", (h) => go(h, column));
    const setColumn = addSlider(place, "Pooled column", (w) => go(row, w));
    update();
    const strongest = before.pooled.values.indexOf(extent(before.pooled.values)[1]);
    go(Math.floor(strongest / before.pooled.columns), strongest % before.pooled.columns);

    function mapsAt(shift) {
      const input = columnsOf(whole, shifts - shift, whole.columns - shifts);
      const features = crossCorrelated(input, kernel);
      features.values = features.values.map((value) => Math.max(value, 0)); // ReLU
      return { input, features, pooled: pooled(features, f, kind) };
    }

    function update() {
      [before, after] = [mapsAt(0), mapsAt(shift)];
      const { input, features, pooled } = after;
      const [low, high] = extent(whole.values);
      inputMap.show(input, {
        text: `The image, ${size(input)} values.`,
        caption: `image, ${size(input)}`,
        shading: low < 0 ? signed(Math.max(-low, high), palette.signed) : brightness(high),
        scale: false,
      });
      const shading = brightness(extent(before.features.values)[1]);
      featureMap.show(features, {
        text: `The feature map after Sobel x and ReLU, ${size(features)} values.`,
        caption: `feature map, ${size(features)}`,
        shading,
      });
      pooledMap.show(pooled, {
        text: `The pooled map, ${size(pooled)} values.`,
        caption: `${kind} pooled, ${size(pooled)}`,
        shading,
      });
      const difference = pooled.values.map((value, at) => value - before.pooled.values[at]);
      changeMap.show({ ...pooled, values: difference }, {
        text: `The change of the pooled map since shift 0, ${size(pooled)} values, white at 0.`,
        caption: `change, ${size(pooled)}`,
        shading: signed(shading.high, palette.signed),
      });
      say(changes, stage, shift ? changesOf() : START);
      setRow({ max: pooled.rows - 1 });
      setColumn({ max: pooled.columns - 1 });
      now.title.textContent = `window at shift ${shift}`;
      go(row, column);
    }

    function changesOf() {
      const parts = [["image", "input"], ["feature map", "features"], ["pooled map", "pooled"]].map(([name, key]) => {
        const [old, values] = [before[key].values, after[key].values];
        const count = values.filter((value, at) => differs(value, old[at])).length;
        const contrast = contrastOf(old);
        const relative = normOf(values.map((value, at) => value - old[at])) / contrast;
        return `${count} of ${values.length} values of the ${name}${contrast ? ` (relative change ${percent(relative)})` : ""}`;
      });
      return `Since shift 0, these have changed: ${parts.join(", ")}.`;
    }

    function go(h, w) {
      const { rows, columns, values } = after.pooled;
      row = Math.max(0, Math.min(rows - 1, h));
      column = Math.max(0, Math.min(columns - 1, w));
      setRow({ value: row });
      setColumn({ value: column });
      inputMap.mark(row * f, column * f, f + 2, f + 2);
      featureMap.mark(row * f, column * f, f, f);
      pooledMap.mark(row, column, 1, 1);
      changeMap.mark(row, column, 1, 1);
      const patches = [before, after].map(({ features }) => windowOf(features, row * f, column * f, f));
      const scale = [0, Math.max(...patches.flat())]; // of both
      drawGrid(start.box, inRows(patches[0], f), { name: "Window at shift 0", palette, scale });
      drawGrid(now.box, inRows(patches[1], f), { name: "Window now", palette, scale });
      const [old, value] = [before.pooled.values, values].map((all) => all[row * columns + column]);
      const change = !shift ? "" : differs(old, value) ? `; at shift 0: ${short(old)}` : ", as at shift 0";
      const name = kind === "max" ? "maximum" : "average";
      say(result, stage, `pooled[${row}, ${column}] = ${name} of the ${f * f} values = ${short(value)}${change}`);
    }
  });
}

const START = "The feature map is the output of Sobel x and ReLU. Move the image to the right: what changes?";

function normOf(values) {
  return Math.sqrt(sum(values.map((value) => value * value)));
}

// The norm of some values minus their mean, which does not depend on the brightness; 0 if all are equal.
function contrastOf(values) {
  const [low, high] = extent(values);
  const mean = sum(values) / values.length;
  return differs(low, high) ? normOf(values.map((value) => value - mean)) : 0;
}

// True if two results differ by more than rounding errors.
function differs(value, other) {
  return Math.abs(value - other) > 1e-9 * Math.max(1, Math.abs(value));
}

function percent(share) {
  return `${Math.round(100 * share)}%`;
}

// Some neighboring columns of a map.
function columnsOf({ values, rows, columns }, first, count) {
  const part = Float64Array.from(
    { length: rows * count },
    (_, at) => values[Math.floor(at / count) * columns + first + (at % count)],
  );
  return { values: part, rows, columns: count };
}

function pooled(map, f, kind) {
  const [rows, columns] = [Math.floor(map.rows / f), Math.floor(map.columns / f)];
  const values = Float64Array.from({ length: rows * columns }, (_, at) => {
    const patch = windowOf(map, Math.floor(at / columns) * f, (at % columns) * f, f);
    return kind === "max" ? Math.max(...patch) : sum(patch) / patch.length;
  });
  return { values, rows, columns };
}
