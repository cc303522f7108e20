#!/bin/sh
# Install PostgreSQL, Chromium and iproute2 from Debian's packages where they are missing and that is possible.
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    $as_root apt-get install -y -qq $missing; } >/tmp/autotrick-servers.log 2>&1; then
    echo "installed:$missing" | tr -s ' '
else
    echo "not here and not installable:$missing. The tests that need them will skip." | tr -s ' '
fi
