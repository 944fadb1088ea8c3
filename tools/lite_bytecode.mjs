// Compile the modules that a notebook needs first to Python bytecode. This runs in Pyodide, whose
// Python is newer than the one that builds the site. tools/lite_pyodide.py starts it with Node.js.
//
//     node lite_bytecode.mjs FOLDER PACKAGES OUTPUT
//
// FOLDER contains Pyodide, and PACKAGES is a JSON list. OUTPUT becomes a zip file of .pyc files, named
// by their sources' paths below /, and of empty files for the extension modules that are loaded.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packages, output] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: resolve(folder) + "/" });
await python.loadPackage(JSON.parse(packages), { messageCallback: () => {} });
const data = python.runPython(`
import contextlib, importlib.metadata, importlib.util, io, marshal, pathlib, sys, zipfile

import piplite.piplite
import pyodide_kernel
import matplotlib.pyplot as plt
import matplotlib_inline.backend_inline
from IPython.core import ultratb

# Load the modules that Python imports with the first figure and the first error.
plt.switch_backend("agg")
figure, axes = plt.subplots(layout="constrained")
axes.imshow([[1, 2]])
axes.contour([[1, 2], [3, 4]])
axes.set_title("$x^2$")
figure.savefig(io.BytesIO())
importlib.metadata.version("numpy")
try:
    1 / 0
except ZeroDivisionError:
    ultratb.VerboseTB().structured_traceback(*sys.exc_info())

# Load the modules that lessons use by importing the lessons' own modules. Some need SciPy.
sources, site = {}, pathlib.Path("/lib/python3.14/site-packages")
for package in ("nbexercise", "public_tests", "convnet", "lesson_tools"):
    for path in (site / package).rglob("*.py"):
        sources[str(path)] = path.read_bytes()
        name = ".".join(path.relative_to(site).with_suffix("").parts).removesuffix(".__init__")
        if path.stem != "__main__":
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

for module in list(sys.modules.values()):
    spec = getattr(module, "__spec__", None)
    path = getattr(spec, "origin", None) or ""
    if path.startswith("/lib/") and path.endswith(".py"):
        sources[path] = spec.loader.get_data(path)
    elif path.endswith(".so"):
        sources[path] = None

memory = io.BytesIO()
with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
    for path, source in sorted(sources.items()):
        data = b""
        if source is not None:
            # Unchecked: Python does not compare the bytecode with its source.
            data += importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
            data += importlib.util.source_hash(source)
            data += marshal.dumps(compile(source, path, "exec", dont_inherit=True))
        archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
memory.getvalue()
`);
writeFileSync(output, data.toJs());
process.exit(0);
