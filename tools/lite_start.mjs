// Start Pyodide in the worker of JupyterLite's kernel. The kernel imports this module in place of
// pyodide.mjs. The page creates the worker while JupyterLab loads (tools/lite_page.html), so Python
// starts as soon as the module is imported, and the kernel's call of loadPyodide waits for it.
import { loadPyodide as load } from "./pyodide.mjs";

const OPTIONS = {}; // tools/lite_pyodide.py inserts them
const folder = new URL(".", import.meta.url).href;
const streams = { stdout: console.log, stderr: console.error };

const started = (async () => {
  const python = await load({
    indexURL: folder,
    lockFileURL: `${folder}pyodide-lock.json`,
    stdout: (text) => streams.stdout(text),
    stderr: (text) => streams.stderr(text),
    ...OPTIONS,
  });
  // The imports of the kernel, in its order.
  python.runPython("import piplite.piplite, pyodide_kernel");
  return python;
})();

export async function loadPyodide({ stdout, stderr }) {
  Object.assign(streams, { stdout, stderr });
  return await started;
}
