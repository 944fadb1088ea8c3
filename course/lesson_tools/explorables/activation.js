// Units with ReLU: the reader moves their corners and slopes, and fits a curve with their sum.

// All numbers are within `limit`, and parameters are multiples of `step`. `start` has { w, b, v } of each unit,
// `units` is how many there are at first, and `targets` are { name, y }; `target` is a name, or null.
function startActivation({ token, limit, step, start, units, targets, target }) {
  const count = targets[0].y.length;
  const x = Array.from({ length: count }, (_, at) => limit * ((2 * at) / (count - 1) - 1));
  startExplorable(token, (stage) => {
    const all = start.map((unit) => ({ ...unit }));
    let used = units; // the number of units
    let goal = targets.find(({ name }) => name === target);
    let dragged = null; // the unit whose corner is dragged

    const numbers = all.map((_, at) => counted(at + 1));
    addChoice(stage, "Sum of", numbers, (name) => {
      used = numbers.indexOf(name) + 1;
      update();
    })(numbers[used - 1]);
    addChoice(stage, "Target", [NONE, ...targets.map(({ name }) => name)], (chosen) => {
      goal = targets.find(({ name }) => name === chosen);
      update();
    })(goal?.name ?? NONE);
    const general = add(stage, "p", { class: "lesson-explorable-formula" });
    const formula = add(stage, "p", { class: "lesson-explorable-formula" });
    const box = add(stage, "div", { class: "lesson-explorable-grid lesson-explorable-plot" });
    const show = addPlot(box, limit, all.length);
    const legend = add(stage, "p");
    const error = add(stage, "p", { role: "status" });
    const rows = all.map((unit, at) => {
      const row = addRow(stage, `Unit ${at + 1}`);
      row.classList.add("lesson-explorable-short");
      const setters = ["w", "b", "v"].map((name) => {
        const set = addSlider(row, `${name}${SUBSCRIPTS[at]}`, (value) => {
          unit[name] = value;
          update();
        });
        set({ min: -limit, max: limit, step, value: unit[name] });
        return set;
      });
      return { row, setBias: setters[1] };
    });

    // A corner moves along the x-axis: only the bias changes.
    const xAt = (event) => {
      const { left, width } = box.firstChild.getBoundingClientRect();
      return (((event.clientX - left) / width) * WIDTH - MIDDLE) / UNIT;
    };
    box.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-unit]");
      if (!handle) return;
      event.preventDefault(); // no selection of text
      dragged = Number(handle.dataset.unit);
      box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => {
      if (dragged === null) return;
      const unit = all[dragged];
      const bias = Math.round((-unit.w * xAt(event)) / step) * step;
      unit.b = Math.max(-limit, Math.min(limit, bias)) + 0; // no -0
      rows[dragged].setBias({ value: unit.b });
      update();
    });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => (dragged = null));
    update();

    function update() {
      const shown = all.slice(0, used);
      rows.forEach(({ row }, at) => (row.hidden = at >= used));
      const curves = shown.map(({ w, b, v }) => x.map((value) => v * Math.max(w * value + b, 0)));
      const y = x.map((_, at) => sum(curves.map((curve) => curve[at])));
      const named = SUBSCRIPTS.slice(0, used).map((i) => `v${i}·ReLU(w${i}·x\u00a0+\u00a0b${i})`);
      general.textContent = `y = ${named.join(" + ")}`;
      formula.textContent = `y = ${shown.map(unitText).join(" + ")}`.replaceAll("-", "−"); // where no line breaks
      show({ x, y, curves, units: shown, goal });
      legend.textContent = legendOf(used, goal);
      say(error, stage, `${cornersOf(shown)} ${errorOf(y, goal)}`);
    }
  });
}

const NONE = "none";
const SUBSCRIPTS = ["₁", "₂", "₃"];
const [WIDTH, HEIGHT] = [400, 300]; // of the drawing
const MIDDLE = 208; // where x is 0
const UNIT = 61; // the length of 1 on the x-axis
const [TOP, RISE] = [140, 44]; // where y is 0, and the length of 1 on the y-axis

function counted(units) {
  return units === 1 ? "1 unit" : `${units} units`;
}

function unitText({ w, b, v }) {
  return `${factor(v)}·ReLU(${short(w)}·x\u00a0${b < 0 ? "-" : "+"}\u00a0${short(Math.abs(b))})`;
}

function legendOf(used, goal) {
  const parts = used > 1 ? ["Purple: y, the sum", "orange, dashed: the units where they are not 0"] : ["Purple: y"];
  if (goal) parts.push("gray, wide: the target");
  return `${parts.join("; ")}. Drag a numbered corner, or use the sliders.`;
}

// Where the slope of the sum changes.
function cornersOf(units) {
  const bent = units.filter(({ w, v }) => w * v);
  if (!bent.length) return "The curve has no corner.";
  const places = [...new Set(bent.map(({ w, b }) => short(-b / w)))].sort((one, other) => one - other);
  return `${places.length === 1 ? "Corner" : "Corners"} at x = ${places.join(", ")}.`;
}

function errorOf(y, goal) {
  if (!goal) return "";
  const error = sum(y.map((value, at) => (value - goal.y[at]) ** 2)) / y.length;
  if (error < 1e-12) return `The curve is that of ${goal.name}: the mean squared error is 0.`;
  return `The mean squared error to the target ${goal.name} is ${short(error)}.`;
}

// The axes, and a numbered handle for the corner of each unit. Returns what draws the curves and places the
// handles, which are not replaced while one of them is dragged.
function addPlot(box, limit, count) {
  const drawing = shape(box, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: 560, role: "img" });
  shape(drawing, "rect", { width: WIDTH, height: HEIGHT, fill: "white" });
  const [across, up] = [(value) => MIDDLE + UNIT * value, (value) => TOP - RISE * value];
  const [left, right, top, bottom] = [across(-limit), across(limit), up(limit), up(-limit)];
  for (let at = -limit; at <= limit; at++) {
    const stroke = at ? "#d9d9d9" : "#808080";
    shape(drawing, "line", { x1: across(at), x2: across(at), y1: top, y2: bottom, stroke });
    shape(drawing, "line", { x1: left, x2: right, y1: up(at), y2: up(at), stroke });
    shape(drawing, "text", { x: across(at), y: bottom + 14, "font-size": 13 }).textContent = at;
    shape(drawing, "text", { x: left - 12, y: up(at), "font-size": 13 }).textContent = at;
  }
  // An inner drawing cuts off what is beyond the axes.
  const inner = shape(drawing, "svg", { x: left, y: top, width: right - left, height: bottom - top });
  const handles = Array.from({ length: count }, (_, at) => {
    const handle = shape(drawing, "g", { "data-unit": at });
    shape(handle, "circle", { r: 11, fill: "white", stroke: "black" });
    shape(handle, "text", { "font-size": 14 }).textContent = at + 1;
    return handle;
  });

  return function show({ x, y, curves, units, goal }) {
    const values = x.flatMap((value, at) => (Number.isInteger(value) ? [`${short(y[at])} at ${value}`] : []));
    drawing.setAttribute("aria-label", `Plot of y over x: ${values.join(", ")}`);
    drawing.explored = { x, y };
    inner.replaceChildren();
    const draw = (values, attributes, drawn = () => true) => {
      const points = values.map((value, at) => `${across(x[at]) - left},${(up(value) - top).toFixed(2)}`);
      shape(inner, "polyline", { points: points.filter((_, at) => drawn(at)).join(" "), fill: "none", ...attributes });
    };
    if (goal) draw(goal.y, { stroke: "#bdbdbd", "stroke-width": 9 });
    if (units.length > 1) {
      const dashed = { stroke: "#b35806", "stroke-width": 1.5, "stroke-dasharray": "6 4" };
      for (const curve of curves) draw(curve, dashed, (at) => curve[at - 1] || curve[at] || curve[at + 1]);
    }
    draw(y, { stroke: "#5e3c99", "stroke-width": 3 });
    handles.forEach((handle, at) => {
      const corner = at < units.length ? -units[at].b / units[at].w : NaN;
      const seen = Math.abs(corner) <= limit; // not beyond the axes, and not of a unit without a corner
      handle.style.display = seen ? "" : "none";
      if (seen) handle.setAttribute("transform", `translate(${across(corner)} ${up(0)})`);
    });
  };
}
