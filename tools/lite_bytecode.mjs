// Compile the modules that a notebook needs first to Python bytecode. This runs in Pyodide, whose
// Python is newer than the one that builds the site. tools/lite.py starts it with Node.js.
//
//     node lite_bytecode.mjs FOLDER PACKAGES MODULES OUTPUT
//
// FOLDER contains Pyodide, PACKAGES and MODULES, to load and to import, are JSON lists, and OUTPUT becomes a zip file of .pyc files, named
// by their sources' paths below /, and of empty files for the extension modules that are loaded.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packages, imported, output] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: resolve(folder) + "/" });
await python.loadPackage(JSON.parse(packages), { messageCallback: () => {} });
python.globals.set("imported", imported);
const data = python.runPython(`
import importlib.metadata, importlib.util, io, json, marshal, pathlib, sys, zipfile

class Searched:
    names = set()

    def find_spec(self, name, path=None, target=None):
        self.names.add(name)

sys.meta_path.insert(0, Searched())

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

# Load the modules that lessons use, by importing the lessons' own modules. Some need a framework.
modules, site = {}, pathlib.Path("/lib/python3.14/site-packages")
for package in ("public_tests", "convnet", "lesson_tools"):
    for path in sorted((site / package).rglob("*.py")):
        modules[str(path)] = path.read_bytes()
        name = ".".join(path.relative_to(site).with_suffix("").parts).removesuffix(".__init__")
        if not name.endswith("__main__"):
            try:
                importlib.import_module(name)
            except Exception as error:
                print(f"{name} is not loaded: {error}", file=sys.stderr)

for name in json.loads(imported):
    importlib.import_module(name)
library = zipfile.ZipFile("/lib/python314.zip")
for name, module in list(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    path = getattr(spec, "origin", None) or ""
    if path.startswith("/lib/") and path.endswith(".py"):
        modules[path] = spec.loader.get_data(path)
    elif path.endswith(".so"):
        modules[path] = b""
    elif path == "frozen":
        for file in (name.replace(".", "/") + end for end in (".py", "/__init__.py")):
            if file in library.namelist():
                modules["/lib/python314.zip/" + file] = library.read(file)

# Modules that fail, such as those for Windows, fail at the start as well, not after a download.
for name in Searched.names - set(sys.modules):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        continue
    if spec and (spec.origin or "").startswith("/lib/") and spec.origin.endswith(".py"):
        modules[spec.origin] = spec.loader.get_data(spec.origin)

memory = io.BytesIO()
with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
    for path, source in sorted(modules.items()):
        if path.endswith(".so"):
            archive.writestr(zipfile.ZipInfo(path), b"")
            continue
        code = compile(source, path, "exec", dont_inherit=True)
        # Unchecked: Python does not compare the bytecode with its source.
        head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
        head += importlib.util.source_hash(source)
        archive.writestr(zipfile.ZipInfo(path), head + marshal.dumps(code), zipfile.ZIP_DEFLATED)
memory.getvalue()
`);
writeFileSync(output, data.toJs());
process.exit(0);
