// Compile the modules that a notebook needs first to Python bytecode. This runs in Pyodide, whose
// Python is newer than the one that builds the site. tools/lite.py starts it with Node.js.
//
//     node lite_bytecode.mjs FOLDER PACKAGES OUTPUT
//
// FOLDER contains Pyodide, PACKAGES is a JSON list, and OUTPUT becomes a zip file of .pyc files, named
// by their sources' paths below /.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packages, output] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: resolve(folder) + "/" });
await python.loadPackage(JSON.parse(packages), { messageCallback: () => {} });
const data = python.runPython(`
import importlib.util, io, marshal, pathlib, sys, zipfile

import piplite.piplite
import pyodide_kernel
import matplotlib.pyplot as plt
import matplotlib_inline.backend_inline
from IPython.core import ultratb

# Load the modules that Python imports with the first figure and the first error.
plt.switch_backend("agg")
figure, axes = plt.subplots(layout="constrained")
axes.imshow([[1, 2]])
figure.savefig(io.BytesIO())
try:
    1 / 0
except ZeroDivisionError:
    ultratb.VerboseTB().structured_traceback(*sys.exc_info())

modules = {}
for module in list(sys.modules.values()):
    spec = getattr(module, "__spec__", None)
    path = getattr(spec, "origin", None) or ""
    if path.startswith("/lib/") and path.endswith(".py"):
        modules[path] = spec.loader.get_data(path)
for name in ("convnet", "lesson_tools", "public_tests"):
    folder = pathlib.Path(importlib.util.find_spec(name).origin).parent
    modules |= {str(path): path.read_bytes() for path in folder.rglob("*.py")}

memory = io.BytesIO()
with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
    for path, source in sorted(modules.items()):
        code = compile(source, path, "exec", dont_inherit=True)
        # Unchecked: Python does not compare the bytecode with its source.
        head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
        head += importlib.util.source_hash(source)
        archive.writestr(zipfile.ZipInfo(path), head + marshal.dumps(code), zipfile.ZIP_DEFLATED)
memory.getvalue()
`);
writeFileSync(output, data.toJs());
process.exit(0);
