#!/bin/sh
# Make sure of the programs that tests and the demo need beside Go: PostgreSQL's, hledger, by which the books are checked,
# and for browser tests a Chromium. On Debian as root they are installed; elsewhere devstack downloads PostgreSQL itself and
# says what to do if it cannot, and without hledger the tests that ask it say that they were left out.
set -eu

sh "$(dirname "$0")/schemas.sh"

have() { command -v "$1" >/dev/null 2>&1; }
postgres() {
	have initdb && have postgres && return 0
	for dir in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[ -x "$dir/initdb" ] && return 0
	done
	return 1
}

missing=""
postgres || missing="postgresql"
have hledger || missing="$missing hledger"
[ -z "$missing" ] && exit 0
if have apt-get && [ "$(id -u)" = 0 ]; then
	echo "Installing: $missing"
	apt-get update -q >/dev/null
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
fi
