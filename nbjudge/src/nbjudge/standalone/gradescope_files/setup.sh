#!/usr/bin/env bash
# Prepare Gradescope's image: Python 3.11 or newer, libseccomp, the pinned packages, and nbjudge.
# Written by `nbjudge pack --gradescope`. AUTOGRADER_ROOT replaces /autograder in tests.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
source=$root/source
wanted=$(cat "$source/python-version")  # of the machine on which the packages were pinned
export DEBIAN_FRONTEND=noninteractive

find_python() {
  for name in "python$wanted" python3 python3.11 python3.12 python3.13 python3.14; do
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then command -v "$name"; return 0
    fi
  done
  return 1
}

apt-get update
apt-get install --yes --no-install-recommends ca-certificates libseccomp2
for version in "$wanted" 3.11 3.12 3.13 3.14 3; do
  if find_python >/dev/null; then break; fi
  apt-get install --yes --no-install-recommends "python$version" "python$version-venv" || true
done
python=$(find_python) || {
  echo "There is no package with Python 3.11 or newer: choose a newer base image in Gradescope."
  exit 1
}

rm -rf "$root/environment"
"$python" -m venv "$root/environment"
python=$root/environment/bin/python
install() {
  "$python" -m pip install --no-cache-dir --disable-pip-version-check --requirement "$source/$1"
}
if ! install requirements.txt; then
  echo "WARNING: $("$python" --version) cannot install all pinned packages. Only the packages that"
  echo "nbjudge and the notebooks import directly get the pinned versions."
  install direct-requirements.txt
fi
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp -r "$source/nbjudge" "$packages/nbjudge"
"$python" -m compileall -q "$packages/nbjudge"
chmod -R go-rwx "$source"  # it holds the hidden tests
# The isolation level here; the machines that grade may differ, and report theirs.
"$python" -P -m nbjudge.standalone.gradescope_run --isolation
