// The network that draws edges, layer by layer: each value of a feature map shows its window, the kernel, the
// products and the sum. It is computed here, with the weights of `convnet.edges.load_blocks`.

// `photo` has its colors, three bytes a pixel, in base64; `weights` is base64 of float16 numbers, those of
// each layer after its others, in the order of the layers; `mean` is that of blue, green and red.
function startEdges({ token, photo, layers, weights, mean, palette }) {
  const numbers = halves(bytes(weights));
  let used = 0;
  const take = (count) => numbers.subarray(used, (used += count));
  const network = layers.map((layer) => {
    const { f, n_C_prev, n_C } = layer;
    return f ? { ...layer, W: take(f * f * n_C_prev * n_C), b: take(n_C) } : layer;
  });
  const original = { rows: photo.rows, columns: photo.columns, colors: bytes(photo.colors) };
  startExplorable(token, (stage) => build(stage));

  function build(stage) {
    let picture = original;
    let volumes = []; // of each layer, once it is computed; the first is the input
    let run = 0; // which picture's volumes are being computed
    let chosen = 1; // the layer
    let [channel, input] = [0, 0]; // of its output, and of its input
    let [row, column] = [original.rows >> 1, original.columns >> 1];

    const overview = addOverview(stage, network, (layer, map) => {
      const before = volumes[chosen];
      chosen = layer;
      const after = volumes[chosen];
      if (before && after) {
        row = Math.floor((row * after.rows) / before.rows); // the same place of the picture
        column = Math.floor((column * after.columns) / before.columns);
        channel = map ?? strongest(after)[0];
      }
      overview.press(layer, map);
      show();
    });
    const state = add(stage, "div", { class: "lesson-explorable-row" });
    const progress = add(state, "progress", { max: 1, value: 0, "aria-label": "Computing the network" });
    const computing = add(state, "span");
    const maps = add(stage, "div", { class: "lesson-explorable-maps" });
    const step = (rows, columns) => go(row + rows, column + columns);
    const pointAt = (h, w) => {
      const { rows, columns } = volumes[chosen] ?? picture;
      go(Math.floor((h * rows) / picture.rows), Math.floor((w * columns) / picture.columns));
    };
    const photoMap = addMap(maps, pointAt, step);
    const unitMap = addMap(maps, go, step);
    add(stage, "p", { class: "lesson-explorable-note" }, MOVES);
    const sheetBox = add(stage, "div", { class: "lesson-explorable-maps" });
    const sheet = addMap(
      sheetBox,
      (h, w) => {
        const { across, height, width } = tilesOf(volumes[chosen]);
        const at = Math.floor(h / height) * across + Math.floor(w / width);
        if (at < volumes[chosen].channels) choose(at);
      },
      (rows, columns) => {
        const to = channel + rows * tilesOf(volumes[chosen]).across + columns;
        if (to >= 0 && to < volumes[chosen].channels) choose(to);
      },
      { hover: false },
    );
    const place = add(stage, "div", { class: "lesson-explorable-row" });
    const setChannel = addSlider(place, "Channel", (c) => choose(c));
    const setRow = addSlider(place, "Row", (h) => go(h, column));
    const setColumn = addSlider(place, "Column", (w) => go(row, w));
    const equation = add(stage, "div", { class: "lesson-explorable-equation" });
    const patchPart = addPart(equation, "window");
    const times = add(equation, "span", {}, "×");
    const weightPart = addPart(equation, "kernel");
    const equals = add(equation, "span", {}, "=");
    const productPart = addPart(equation, "products");
    const bars = addPart(stage, "contributions");
    const inputRow = add(stage, "div", { class: "lesson-explorable-row" });
    const setInput = addSlider(inputRow, "Input channel", (k) => {
      input = k;
      explain();
    });
    const sentence = add(stage, "p", { role: "status" });
    addPictureButtons(stage, stage, 128, (own, live) => {
      picture = own ?? original;
      run++;
      if (live) drawPhoto();
      else compute();
    });
    drawPhoto();
    show();
    // Two seconds of computing wait until the reader is here.
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      if (run === 0) compute();
    });
    observer.observe(stage);

    async function compute() {
      const mine = ++run;
      volumes = [prepared(picture, mean)];
      drawPhoto();
      show();
      for (const [at, layer] of network.entries()) {
        let volume = null;
        let paused = performance.now();
        for (const [done, result] of layerOf(layer, volumes[at], volumes[0])) {
          volume = result;
          if (performance.now() - paused < 30) continue;
          progress.value = (at + done) / network.length;
          await new Promise((resolve) => setTimeout(resolve)); // the page stays usable
          if (mine !== run || !stage.isConnected) return;
          paused = performance.now();
        }
        volumes.push(volume);
        overview.fill(at + 1, strongest(volume).map((c) => mapOf(layer, volume, c)));
        if (chosen === at + 1) {
          channel = strongest(volume)[0];
          show();
        }
      }
      show();
    }

    function drawPhoto() {
      const text = `The picture, ${picture.rows} x ${picture.columns} pixels, with the receptive field outlined.`;
      const pixel = (at) => picture.colors.subarray(3 * at, 3 * at + 3);
      photoMap.show(picture, { text, caption: `picture, ${size(picture)}`, pixel });
      overview.fill(0, [{ map: picture, pixel }]);
    }

    function show() {
      const volume = volumes[chosen];
      const ready = volumes.length > network.length;
      state.hidden = ready;
      computing.textContent = ready ? "" : `computing ${network[Math.max(0, volumes.length - 1)].name}`;
      for (const part of [sheetBox, place, equation, bars.box.parentElement, inputRow, sentence]) part.hidden = !volume;
      if (!volume) return;
      setRow({ max: volume.rows - 1 });
      setColumn({ max: volume.columns - 1 });
      setChannel({ max: volume.channels - 1, disabled: volume.channels === 1 });
      sheetBox.hidden = volume.channels === 1;
      if (volume.channels > 1) drawSheet(volume);
      choose(channel);
    }

    function drawSheet(volume) {
      const { across, height, width, step } = tilesOf(volume);
      const rows = height * Math.ceil(volume.channels / across);
      const limits = Array.from({ length: volume.channels }, (_, c) => limitOf(plane(volume, c)));
      const [gap, tile] = [[255, 255, 255], volume.rows * volume.columns];
      const pixel = (at) => {
        const [y, x] = [Math.floor(at / (across * width)), at % (across * width)];
        const [h, w] = [(y % height) * step, (x % width) * step];
        const c = Math.floor(y / height) * across + Math.floor(x / width);
        if (h >= volume.rows || w >= volume.columns || c >= volume.channels) return gap;
        const level = 255 * Math.min(1, volume.values[c * tile + h * volume.columns + w] / limits[c]);
        return [level, level, level];
      };
      sheet.show(
        { volume, rows, columns: across * width },
        {
          text: `The maps of all ${volume.channels} channels, black at 0 and white near the largest value of each.`,
          caption: `all ${volume.channels} channels: click one`,
          pixel,
        },
      );
    }

    function choose(number) {
      const volume = volumes[chosen];
      channel = Math.min(number, volume.channels - 1);
      setChannel({ value: channel });
      const { map, title, shading } = mapOf(network[chosen - 1], volume, channel);
      const caption = `${title}, ${size(map)}${map.values.every((value) => value === 0) ? ": inactive" : ""}`;
      unitMap.show(map, { text: `The map of ${title}, ${size(map)} values.`, caption, shading });
      overview.press(chosen, channel);
      if (volume.channels > 1) {
        const { across, height, width } = tilesOf(volume);
        sheet.mark(Math.floor(channel / across) * height, (channel % across) * width, height, width);
      }
      go(row, column);
    }

    // A channel of a layer's output, with its name and colors.
    function mapOf({ kind, name }, volume, channel) {
      const map = { values: plane(volume, channel), rows: volume.rows, columns: volume.columns };
      const title = volume.channels > 1 ? `${name}, channel ${channel}` : name;
      let shading = brightness(limitOf(map.values));
      if (kind === "edges") shading = { colors: [...BLACK_TO_WHITE].reverse(), low: 0, high: 1 };
      else if (extent(map.values)[0] < 0) shading = signed(shading.high, palette.signed);
      return { map, title, channel, shading };
    }

    function go(h, w) {
      const volume = volumes[chosen];
      if (!volume) return;
      row = Math.max(0, Math.min(volume.rows - 1, h));
      column = Math.max(0, Math.min(volume.columns - 1, w));
      setRow({ value: row });
      setColumn({ value: column });
      unitMap.mark(row, column, 1, 1);
      const field = fieldOf(network.slice(0, chosen), volumes, row, column);
      photoMap.mark(field[0][0], field[1][0], field[0][1] - field[0][0] + 1, field[1][1] - field[1][0] + 1);
      const { contributions } = unitOf(network[chosen - 1], volumes[chosen - 1], volumes[chosen], channel, row, column);
      if (contributions) {
        input = contributions.reduce((best, value, k) => (Math.abs(value) > Math.abs(contributions[best]) ? k : best), 0);
      }
      explain();
    }

    function explain() {
      const layer = network[chosen - 1];
      const unit = unitOf(layer, volumes[chosen - 1], volumes[chosen], channel, row, column, input);
      const { patch, kernel, contributions } = unit;
      patchPart.title.textContent = unit.title;
      drawGrid(patchPart.box, patch, { name: "Window", palette, hatched: unit.hatched });
      for (const part of [times, equals, weightPart.box.parentElement, productPart.box.parentElement]) {
        part.hidden = !kernel;
      }
      if (kernel) {
        weightPart.title.textContent = unit.kernelTitle;
        drawGrid(weightPart.box, kernel, { name: "Kernel", palette });
        const products = patch.map((line, r) => line.map((value, q) => value * kernel[r][q]));
        productPart.title.textContent = `products, sum ${short(sum(products.flat()))}`;
        drawGrid(productPart.box, products, { name: "Products", palette });
      }
      bars.box.parentElement.hidden = !contributions;
      inputRow.hidden = !contributions;
      if (contributions) {
        setInput({ max: contributions.length - 1, value: input });
        bars.title.textContent = `contributions of the ${contributions.length} input channels: click one`;
        drawBars(bars.box, contributions, input, palette, (k) => {
          input = k;
          explain();
        });
      }
      sentence.dataset.value = unit.value;
      sentence.dataset.sum = unit.sum;
      say(sentence, stage, unit.text);
    }
  }
}

// The numbers of which each two bytes are a float16.
function halves(data) {
  const view = new DataView(data.buffer);
  return Float32Array.from({ length: data.length / 2 }, (_, at) => {
    const bits = view.getUint16(2 * at, true);
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  });
}

// ---- The layers. A volume has { rows, columns, channels, values }, one channel after another.

function volumeOf(rows, columns, channels) {
  return { rows, columns, channels, values: new Float32Array(rows * columns * channels) };
}

function plane({ rows, columns, values }, channel) {
  return values.subarray(channel * rows * columns, (channel + 1) * rows * columns);
}

function prepared({ rows, columns, colors }, mean) {
  const volume = volumeOf(rows, columns, 3);
  for (let at = 0; at < rows * columns; at++) {
    for (let c = 0; c < 3; c++) volume.values[c * rows * columns + at] = colors[3 * at + 2 - c] - mean[c];
  }
  return volume;
}

function layerOf(layer, input, picture) {
  if (layer.kind === "conv") return convolved(layer, input);
  return [[1, layer.kind === "pool" ? pooled(input) : drawn(input, picture)]];
}

// Yields the share that is done, and the volume: after each output channel.
function* convolved({ f, n_C, n_C_prev, W, b, relu }, input) {
  const { rows, columns } = input;
  const [pad, output] = [(f - 1) / 2, volumeOf(rows, columns, n_C)];
  const [height, width] = [rows + 2 * pad, columns + 2 * pad];
  const padded = new Float64Array(height * width * n_C_prev);
  const silent = []; // channels of zeros contribute nothing
  for (let k = 0; k < n_C_prev; k++) {
    const values = plane(input, k);
    silent.push(values.every((value) => value === 0));
    for (let h = 0; h < rows; h++) {
      const start = (k * height + h + pad) * width + pad;
      padded.set(values.subarray(h * columns, (h + 1) * columns), start);
    }
  }
  const total = new Float64Array(rows * columns);
  for (let c = 0; c < n_C; c++) {
    total.fill(b[c]);
    for (let k = 0; k < n_C_prev; k++) {
      if (silent[k]) continue;
      const weights = Float64Array.from({ length: f * f }, (_, at) => W[(at * n_C_prev + k) * n_C + c]);
      (f === 3 ? addNine : addOne)(total, padded, k * height * width, width, rows, columns, weights);
    }
    plane(output, c).set(relu ? total.map((value) => Math.max(value, 0)) : total);
    yield [(c + 1) / n_C, output];
  }
}

// Adds a 3x3 kernel's products; each number is read once from each row of the windows.
function addNine(total, padded, start, width, rows, columns, weights) {
  const [u0, u1, u2, v0, v1, v2, w0, w1, w2] = weights;
  for (let h = 0; h < rows; h++) {
    const above = start + h * width;
    const [middle, below] = [above + width, above + 2 * width];
    let [a0, a1] = [padded[above], padded[above + 1]];
    let [b0, b1] = [padded[middle], padded[middle + 1]];
    let [c0, c1] = [padded[below], padded[below + 1]];
    for (let w = 0; w < columns; w++) {
      const a2 = padded[above + w + 2];
      const b2 = padded[middle + w + 2];
      const c2 = padded[below + w + 2];
      total[h * columns + w] +=
        u0 * a0 + u1 * a1 + u2 * a2 + (v0 * b0 + v1 * b1 + v2 * b2) + (w0 * c0 + w1 * c1 + w2 * c2);
      a0 = a1;
      a1 = a2;
      b0 = b1;
      b1 = b2;
      c0 = c1;
      c1 = c2;
    }
  }
}

// Adds a 1x1 kernel's products.
function addOne(total, padded, start, width, rows, columns, [weight]) {
  for (let at = 0; at < rows * columns; at++) total[at] += weight * padded[start + at];
}

function pooled(input) {
  const output = volumeOf(input.rows / 2, input.columns / 2, input.channels);
  for (let c = 0; c < input.channels; c++) {
    const [from, to] = [plane(input, c), plane(output, c)];
    for (let at = 0; at < to.length; at++) {
      const first = 2 * Math.floor(at / output.columns) * input.columns + 2 * (at % output.columns);
      const below = first + input.columns;
      to[at] = Math.max(from[first], from[first + 1], from[below], from[below + 1]);
    }
  }
  return output;
}

// The two neighbors of a position along an axis, and the share of the second, as `convnet.edges.enlarge`.
function neighbors(at, n, enlarged) {
  const position = Math.max(0, Math.min(n - 1, ((at + 0.5) * n) / enlarged - 0.5));
  const before = Math.min(Math.floor(position), Math.max(n - 2, 0));
  return { before, after: Math.min(before + 1, n - 1), share: position - before };
}

function logitAt(input, h, w, picture) {
  const [vertical, horizontal] = [neighbors(h, input.rows, picture.rows), neighbors(w, input.columns, picture.columns)];
  const at = (row, column) => input.values[row * input.columns + column];
  const patch = [vertical.before, vertical.after].map((row) =>
    [horizontal.before, horizontal.after].map((column) => at(row, column)),
  );
  const kernel = [1 - vertical.share, vertical.share].map((upper) =>
    [1 - horizontal.share, horizontal.share].map((left) => upper * left),
  );
  return { patch, kernel, logit: sum(patch.flat().map((value, at) => value * kernel.flat()[at])) };
}

// Bilinear upsampling to the picture's size, and the sigmoid.
function drawn(input, picture) {
  const output = volumeOf(picture.rows, picture.columns, 1);
  for (let at = 0; at < output.values.length; at++) {
    const { logit } = logitAt(input, Math.floor(at / picture.columns), at % picture.columns, picture);
    output.values[at] = 1 / (1 + Math.exp(-logit));
  }
  return output;
}

// ---- One value of a map, and what it comes from

function unitOf(layer, input, output, channel, row, column, k = 0) {
  const value = plane(output, channel)[row * output.columns + column];
  const name = output.channels > 1 ? `channel ${channel} at [${row}, ${column}]` : `[${row}, ${column}]`;
  if (layer.kind === "edges") {
    const { patch, kernel, logit } = logitAt(input, row, column, output);
    const text = `${name}: bilinear upsampling gives the logit ${short(logit)}; sigmoid: ${short(value)}`;
    const titles = { title: "side output", kernelTitle: "bilinear weights" };
    return { patch, kernel, value, sum: logit, text, ...titles };
  }
  const at = (c, h, w) => plane(input, c)[h * input.columns + w];
  if (layer.kind === "pool") {
    const patch = matrix(2, 2, (r, q) => at(channel, 2 * row + r, 2 * column + q));
    const text = `${name}: the largest of ${patch.flat().map(short).join(", ")} is ${short(value)}`;
    return { patch, value, sum: value, text, title: `window of channel ${channel}` };
  }
  const { f, n_C_prev, n_C, W, b, relu } = layer;
  const pad = (f - 1) / 2;
  const outside = (r, q) =>
    row + r < pad || column + q < pad || row + r - pad >= input.rows || column + q - pad >= input.columns;
  const windowOf = (c) =>
    matrix(f, f, (r, q) => (outside(r, q) ? 0 : at(c, row + r - pad, column + q - pad)));
  const kernelOf = (c) => matrix(f, f, (r, q) => W[((r * f + q) * n_C_prev + c) * n_C + channel]);
  const contributions = Array.from({ length: n_C_prev }, (_, c) => {
    const weights = kernelOf(c).flat();
    return sum(windowOf(c).flat().map((number, place) => number * weights[place]));
  });
  const total = sum(contributions);
  const result = total + b[channel];
  const bias = `the contributions of ${n_C_prev} channels add up to ${short(total)}; with the bias ${short(b[channel])}`;
  return {
    patch: windowOf(k),
    kernel: kernelOf(k),
    contributions,
    hatched: outside,
    value,
    sum: result,
    text: `${name}: ${bias}: ${short(result)}${relu ? `; ReLU: ${short(Math.max(result, 0))}` : ""}`,
    title: `window of input channel ${k}`,
    kernelTitle: "kernel for it",
  };
}

// The rows and the columns of the picture that a value can depend on: [first, last] of each.
function fieldOf(layers, volumes, row, column) {
  const { rows, columns } = volumes[0];
  return [[row, rows, "rows"], [column, columns, "columns"]].map(([position, n, axis]) => {
    let [first, last] = [position, position];
    for (let at = layers.length - 1; at >= 0; at--) {
      const { kind, f } = layers[at];
      if (kind === "conv") [first, last] = [first - (f - 1) / 2, last + (f - 1) / 2];
      if (kind === "pool") [first, last] = [2 * first, 2 * last + 1];
      if (kind === "edges") {
        const { before, after } = neighbors(position, volumes[at][axis], n);
        [first, last] = [before, after];
      }
    }
    return [Math.max(0, first), Math.min(n - 1, last)];
  });
}

// The channels with the largest means, the strongest first.
function strongest(volume) {
  const totals = Array.from({ length: volume.channels }, (_, c) => plane(volume, c).reduce((a, b) => a + b, 0));
  return [...totals.keys()].sort((one, other) => totals[other] - totals[one]).slice(0, THUMBNAILS);
}

const THUMBNAILS = 4; // maps of a layer in the overview

// The picture and all layers in a row, each with its strongest maps. `choose(layer, channel)` is called for a
// map, without a channel for a layer. Returns what presses a layer and a map, and what draws a layer's maps.
function addOverview(stage, network, choose) {
  const box = add(stage, "div", { class: "lesson-explorable-overview", role: "toolbar", "aria-label": "Layers" });
  add(add(box, "div"), "span", {}, "picture");
  add(box.firstChild, "canvas", { role: "img", "aria-label": "The picture" });
  for (const [at, { name, kind, n_C }] of network.entries()) {
    const column = add(box, "div");
    addButton(column, name, () => choose(at + 1));
    const count = n_C ?? (kind === "edges" ? 1 : THUMBNAILS);
    for (let place = 0; place < Math.min(THUMBNAILS, count); place++) {
      const map = addButton(column, "", () => choose(at + 1, map.channel));
      map.setAttribute("aria-label", `map of ${name}`);
      add(map, "canvas");
    }
  }
  const columns = [...box.children];
  const buttonsOf = (column) => [...column.querySelectorAll("button")];
  // One stop for Tab, as a toolbar is: arrow keys lead to the other layers and maps.
  addArrowKeys(box, (down, right) => {
    const at = columns.findIndex((column) => column.contains(document.activeElement));
    const place = buttonsOf(columns[at]).indexOf(document.activeElement) + Math.sign(down);
    const buttons = buttonsOf(columns[Math.max(1, Math.min(columns.length - 1, at + Math.sign(right)))]);
    buttons[Math.max(0, Math.min(buttons.length - 1, place))].focus();
  });
  add(stage, "p", { class: "lesson-explorable-note" }, OVERVIEW);

  function press(layer, channel = -1) {
    columns.forEach((column, at) =>
      buttonsOf(column).forEach((button, place) => {
        button.setAttribute("aria-pressed", at === layer && (place === 0 || button.channel === channel));
        button.tabIndex = at === layer && place === 0 ? 0 : -1;
      }),
    );
  }
  press(1);

  return {
    press,
    fill(layer, maps) {
      const canvases = columns[layer].querySelectorAll("canvas");
      maps.forEach(({ map, title, channel, shading, pixel }, at) => {
        paint(canvases[at], map, { shading, pixel });
        if (!layer) return;
        canvases[at].parentElement.channel = channel;
        canvases[at].parentElement.setAttribute("aria-label", `map of ${title}`);
      });
    },
  };
}

const OVERVIEW =
  `Each layer with the ${THUMBNAILS} maps whose mean is largest. Choose a layer or a map: it is explained below. ` +
  "Arrow keys lead from one to the next.";

// How the maps of a volume stand in one image: every `step`th pixel of each, and a line between two.
function tilesOf({ rows, columns, channels }) {
  const step = Math.max(1, Math.floor(columns / 42));
  const [height, width] = [Math.ceil(rows / step) + 1, Math.ceil(columns / step) + 1];
  return { step, height, width, across: Math.min(16, channels) };
}

// Bars of a list, above 0 purple and below it orange; the chosen one is outlined.
function drawBars(box, values, chosen, palette, choose) {
  const [width, height] = [640, 90];
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const y = (value) => 4 + ((high - value) / (high - low || 1)) * (height - 8);
  const each = width / values.length;
  const label = `Contributions, from ${short(low)} to ${short(high)}; the chosen one is ${short(values[chosen])}`;
  const drawing = shape(null, "svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img", "aria-label": label });
  shape(drawing, "rect", { x: 0, y: 0, width, height, fill: "white", stroke: "#808080" });
  values.forEach((value, at) => {
    const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
    const fill = css(between(palette.signed, value < 0 ? 0.2 : 0.8));
    const bar = { x: at * each, y: top, width: Math.max(1, each - 1), height: Math.max(0.5, bottom - top), fill };
    shape(drawing, "rect", { ...bar, "data-value": value });
  });
  const outline = { x: chosen * each - 1, y: 1, width: each + 1, height: height - 2, fill: "none" };
  shape(drawing, "rect", { ...outline, stroke: "black", "stroke-width": 2 });
  drawing.addEventListener("pointerdown", (event) => {
    const { left, width: shown } = drawing.getBoundingClientRect();
    choose(Math.max(0, Math.min(values.length - 1, Math.floor(((event.clientX - left) / shown) * values.length))));
  });
  box.classList.add("lesson-explorable-grid");
  box.replaceChildren(drawing);
}
