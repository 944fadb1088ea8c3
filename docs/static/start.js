// The check on the start page. Python runs in a worker (tools/lite_check.mjs), which loads when the check is
// used or, with a mouse, near. Without JupyterLite's folder, as in pages opened as files, the code and a link stand there.
function startCheck(box) {
  const SECONDS = 20; // time limit of a check
  const KEY = "convolution-step-by-step"; // of the typed code, which a reload keeps, and of the one that passed
  const { worker: address, megabytes } = box.dataset;
  const original = box.querySelector("pre").textContent.trim();
  const form = document.createElement("form");
  const again = inStorage((storage) => storage.getItem(`${KEY}.loaded`)); // after a reload, from the browser's cache
  form.innerHTML = `
    <div class="start-code"><div aria-hidden="true"></div><textarea aria-label="Code of zero_pad"
      aria-describedby="check-keys" spellcheck="false" autocapitalize="off" autocomplete="off"
      autocorrect="off"></textarea></div>
    <p class="buttons start"><button class="button primary">Check</button>
      <button class="button" type="button" hidden>Hint</button>
      <button class="button" type="reset" hidden>Start over</button>
      <small id="check-keys"><span role="status"><span>The first check loads Python, ${megabytes} MB.</span>
        <label hidden>${again ? "Starting Python" : `Loading Python, ${megabytes} MB`} <progress max="${megabytes * 1e6}"></progress></label></span>
        <span class="keys">Ctrl+Enter checks, too.</span></small></p>
    <p role="status"></p><output></output><figure aria-label="The failing case" hidden></figure>`;
  const [code, output, hint, picture] = ["textarea", "output", "p[role]", "figure"].map((it) => form.querySelector(it));
  const [button, hintButton, reset] = form.querySelectorAll("button");
  const [toLoad, loading, bar] = ["small span span", "label", "progress"].map((it) => form.querySelector(it));
  let worker = null;
  let ready; // a promise of the hints
  let timer = null; // of a running check
  let asked = 0; // hints
  code.defaultValue = original;
  code.value = inStorage((storage) => storage.getItem(KEY)) ?? original;
  reset.hidden = code.value === original;
  write(code.value);
  box.querySelector(".start-passed").hidden = inStorage((storage) => storage.getItem(`${KEY}.passed`)) !== code.value;
  box.querySelector("pre").replaceWith(form);

  // Write the numbered lines that lie under the field and give it its height.
  function write(text) {
    const lines = text.split("\n").map((line) => {
      const element = document.createElement("div");
      element.textContent = line || "\u200b";
      return element;
    });
    form.querySelector(".start-code div").replaceChildren(...lines);
  }

  function load() {
    if (worker) return ready;
    worker = new Worker(address, { type: "module" });
    toLoad.hidden = true;
    loading.hidden = false;
    bar.value = 0;
    ready = new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        if (data.bytes) bar.value = data.bytes;
        else if (data.hints) resolve(data.hints);
        else if (data.failed) fail();
        else answer(data);
      };
      worker.onerror = fail;
    });
    ready.then(() => {
      loading.hidden = true;
      inStorage((storage) => storage.setItem(`${KEY}.loaded`, "yes"));
    });
    return ready;
  }

  async function check() {
    begin("");
    const used = load();
    await used;
    if (used !== ready) return; // stopped
    begin("Checking ...");
    worker.postMessage({ text: code.value, width: form.clientWidth });
    timer = setTimeout(stop, 1000 * SECONDS, `Stopped after ${SECONDS} seconds. Is there a loop that never ends?`);
  }

  function begin(text) {
    Object.assign(button, { textContent: "Stop", type: "button" });
    show(text);
  }

  function end(text, markup = "") {
    clearTimeout(timer);
    Object.assign(button, { textContent: "Check", type: "submit" });
    hintButton.hidden = reset.hidden = false;
    show(text, markup);
  }

  function show(text, markup = "") {
    output.textContent = text;
    if (markup) output.innerHTML = markup;
    hint.textContent = "";
    picture.hidden = true;
    box.querySelector(".start-passed").hidden = true;
  }

  function stop(text) {
    worker.terminate();
    worker = null;
    end(text);
    load();
  }

  function fail() {
    worker = null;
    toLoad.hidden = false;
    loading.hidden = true;
    if (button.type !== "submit") end("Python did not start. Check the network connection, or open the notebook below.");
  }

  function answer({ passed, html, picture: svg = "" }) {
    end("", html);
    picture.innerHTML = svg;
    picture.hidden = !svg;
    output.querySelector("b").scrollIntoView({ block: "nearest" });
    box.querySelector(".start-passed").hidden = !passed;
    hintButton.hidden = passed;
    if (passed) inStorage((storage) => storage.setItem(`${KEY}.passed`, code.value));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  button.addEventListener("click", (event) => {
    if (button.type === "submit") return;
    event.preventDefault();
    stop("Stopped.");
  });
  code.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) return button.type === "submit" && check();
    event.preventDefault();
    const line = code.value.slice(0, code.selectionStart).split("\n").at(-1);
    document.execCommand("insertText", false, `\n${line.match(/^ */)[0]}${line.endsWith(":") ? "    " : ""}`);
  });
  hintButton.addEventListener("click", async () => {
    const hints = await load();
    const number = Math.min(asked, hints.length - 1);
    asked = number + 1;
    hint.textContent = `Hint ${number + 1} of ${hints.length}: ${hints[number]}`;
  });
  code.addEventListener("input", () => {
    write(code.value);
    inStorage((storage) => storage.setItem(KEY, code.value));
  });
  form.addEventListener("reset", () => {
    inStorage((storage) => storage.removeItem(KEY));
    write(original);
    show("");
  });

  const { saveData, effectiveType = "" } = navigator.connection ?? {};
  const near = new IntersectionObserver((entries) => {
    if (!entries.at(-1).isIntersecting) return;
    near.disconnect();
    load();
  });
  const byTouch = matchMedia("(hover: none)").matches; // on a phone, megabytes are loaded on demand alone
  if (again) load();
  else if (!saveData && !byTouch && !/[23]g/.test(effectiveType)) near.observe(box);
}

// What `use` returns of the tab's storage; null without one.
function inStorage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}

for (const box of document.querySelectorAll(".start-check")) {
  const supported = window.Worker && window.WebAssembly && window.DecompressionStream;
  if (box.dataset.worker && supported && location.protocol !== "file:") startCheck(box);
}
