// The worker of the start page, which checks a function without JupyterLab. It sends { hints } as soon as
// Python is ready, then for each text that it receives the verdict (tools/lite_check.py), or { failed }.
import { loadPyodide } from "./pyodide.mjs";

try {
  const python = await loadPyodide({ packages: ["check"] });
  const { judge, hints } = python.pyimport("lite_check");
  onmessage = ({ data }) => postMessage(JSON.parse(judge(data)));
  postMessage({ hints: JSON.parse(hints()) });
} catch (error) {
  postMessage({ failed: String(error) });
}
