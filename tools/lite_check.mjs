// The worker of the start page, which checks a function without JupyterLab. It sends the number of { bytes }
// loaded so far, { hints } as soon as Python is ready, then for each { text, width } that it receives the
// verdict (tools/lite_check.py), or { failed }.
import { loadPyodide } from "./pyodide.mjs";

const uncounted = fetch;
let bytes = 0;
self.fetch = async (...request) => {
  const response = await uncounted(...request);
  const counter = new TransformStream({
    transform(chunk, stream) {
      bytes += chunk.byteLength;
      postMessage({ bytes });
      stream.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), response);
};

try {
  const python = await loadPyodide({ packages: ["check"] });
  const { judge, hints } = python.pyimport("lite_check");
  onmessage = ({ data }) => postMessage(JSON.parse(judge(data.text, data.width)));
  postMessage({ hints: JSON.parse(hints()) });
} catch (error) {
  postMessage({ failed: String(error) });
}
