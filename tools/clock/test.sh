#!/bin/sh
# test.sh: plays courses while the clock of Temporal's own server jumps. It builds that server first, which takes minutes once. CLOCK_DIR keeps
# what was built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${CLOCK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kapflow/clock}
sh "$here/build.sh" "$work"
printf '\0\0\0\0\0\0\0\0' > "$work/ahead"
cd "$here/../.."
KAPFLOW_TEMPORAL_SERVER=$work/server TEMPORAL_CLOCK_FILE=$work/ahead ${GO:-go} test ./e2e -run 'TestTemporalsClock|TestATemporalWhoseClock' -count=1 -timeout 60m -v
