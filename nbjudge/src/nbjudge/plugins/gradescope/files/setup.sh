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
  "$python" -m pip install --no-cache-dir --disable-pip-version-check "$@"
}
# requirements.txt is complete for the Python that wrote it, so that pip installs nothing else, such
# as JupyterLab; there is none if the instructor gave a file with requirements.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ ! -f "$source/requirements.txt" ]; then
  install --requirement "$source/direct-requirements.txt"
elif [ "$version" != "$wanted" ] ||
  ! install --no-deps --requirement "$source/requirements.txt"
then
  echo "WARNING: $("$python" --version) cannot install all packages that were pinned with Python"
  echo "$wanted. Only the packages that nbjudge and the notebooks import directly get these versions."
  install --requirement "$source/direct-requirements.txt"
fi
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp -r "$source/nbjudge" "$packages/nbjudge"
"$python" -m compileall -q "$packages/nbjudge"
chmod -R go-rwx "$source"  # it holds the hidden tests
# The isolation level here; the machines that grade may differ, and report theirs.
"$python" -P -m nbjudge.plugins.gradescope.run --isolation
