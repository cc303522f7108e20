#!/bin/sh
# The five-minute answer to "what does it do": a search, what helped, a report, and the winner again.
# Usage: demo.sh BIN, where BIN is the folder of the virtual environment's commands.
set -eu
autotrick="$(cd "$1" && pwd)/autotrick"
spaces="$(pwd)/search_spaces"
mkdir -p demo
cd demo
rm -rf autotrick-files autotrick.db autotrick.db-wal autotrick.db-shm
"$autotrick" search "$spaces/quickstart.toml"
echo
"$autotrick" tricks quickstart
echo
"$autotrick" report quickstart -o quickstart.html
best=$("$autotrick" best quickstart --top 1 --json | sed 's/.*"number": \([0-9]*\).*/\1/')
"$autotrick" reproduce quickstart "$best"
echo
echo "The report: file://$(pwd)/quickstart.html"
echo "Live pages: cd demo && $autotrick dashboard"
