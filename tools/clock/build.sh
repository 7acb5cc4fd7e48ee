#!/bin/sh
# build.sh DIRECTORY: builds the embedded Temporal server into DIRECTORY/server with a wall clock that a test can move. The server reads
# the file that TEMPORAL_CLOCK_FILE names, of eight bytes: by how many seconds its clock is ahead, in the machine's byte order. Timers
# that run already go on, as they do when a machine's clock is set.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1"
work=$(cd "$1" && pwd)
time=$(${GO:-go} env GOROOT)/src/time

# One line in Go's own time.Now, and where it reads.
sed '/^func Now() Time {$/,/^}$/ s/^\tsec, nsec, mono := runtimeNow()$/&\n\tsec += ahead()/' "$time/time.go" > "$work/time.go"
[ "$(grep -c 'sec += ahead()' "$work/time.go")" = 1 ] || { echo "Go's time.Now has changed: see tools/clock/build.sh" >&2 && exit 1; }
cp tools/clock/ahead.go.txt "$work/ahead.go"
printf '{"Replace": {"%s/time.go": "%s/time.go", "%s/ahead.go": "%s/ahead.go"}}\n' "$time" "$work" "$time" "$work" > "$work/overlay.json"

rm -rf "$work/slim"
mkdir -p "$work/slim"
modfile=$(CGO_ENABLED=0 ${GO:-go} run -trimpath ./devstack/setup -slim "$work/slim")
cd devstack/server
CGO_ENABLED=0 GOFLAGS='' GOWORK=off ${GO:-go} build -overlay="$work/overlay.json" -o "$work/server" -modfile="$modfile" -trimpath -mod=readonly -buildvcs=false '-ldflags=-s -w'
