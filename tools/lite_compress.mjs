// Compress a file with Zstandard, in place. tools/lite_pyodide.py starts this script with Node.js.
//
//     node lite_compress.mjs FILE
import { readFileSync, writeFileSync } from "node:fs";
import { constants, zstdCompressSync } from "node:zlib";

const [file] = process.argv.slice(2);
const params = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 25, // 32 MB, the whole file
  [constants.ZSTD_c_checksumFlag]: 1,
};
writeFileSync(file, zstdCompressSync(readFileSync(file), { params }));
