#!/bin/sh
# Run the tests of nbjudge as an ordinary user.
#
#   sudo tests/support/as_user.sh [pytest's arguments]
#   sudo tests/support/as_user.sh tests/slow     the slow ones
#
# The user has no name and no home. nbjudge and its tests are copied to where that user can read
# them. A Python that lies in a closed folder, such as /root, is shown at its place in a mount
# namespace of its own; nothing of the machine is changed.
set -eu
user=${NBJUDGE_USER:-1234}
here=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-$(command -v python)}

if [ "$(id -u)" != 0 ]; then
    cd "$here"
    exec "$python" -m pytest -p no:cacheprovider "${@:-tests}"
fi

if [ "${1:-}" != --inside ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    mkdir -p "$work/nbjudge" "$work/home" "$work/tmp"
    cp -r "$here/src" "$here/tests" "$here/pyproject.toml" "$here"/*.md "$work/nbjudge"
    chown -R "$user:$user" "$work/home" "$work/tmp" "$work/nbjudge"
    unshare --mount sh "$0" --inside "$work" "$python" "$@"
    exit
fi

work=$2 python=$3
shift 3
folders=$("$python" -c 'import sys; print(*{sys.prefix, sys.base_prefix}, sep="\n")')
number=0
for folder in $folders; do
    number=$((number + 1))
    mkdir "$work/$number"
    mount --bind "$folder" "$work/$number"
done
number=0
for folder in $folders; do
    number=$((number + 1))
    top=/$(echo "$folder" | cut -d/ -f2)
    if ! setpriv --reuid="$user" --regid="$user" --clear-groups test -x "$folder/bin"; then
        mountpoint -q "$top" || mount -t tmpfs -o mode=755 tmpfs "$top"
        mkdir -p "$folder"
        mount --bind "$work/$number" "$folder"
    fi
done
cd "$work/nbjudge"
exec setpriv --reuid="$user" --regid="$user" --clear-groups \
    env -i HOME="$work/home" TMPDIR="$work/tmp" LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    PATH="$(dirname "$python"):/usr/local/bin:/usr/bin:/bin" \
    "$python" -m pytest -p no:cacheprovider "${@:-tests}"
