#!/bin/sh
# Install the programs that tests and the demo need beside Go: PostgreSQL; hledger, which checks the books; poppler-utils,
# which reads the PDFs; and Chromium with its driver for the tests of the pages. They are installed only on Debian as root.
# Elsewhere devstack downloads PostgreSQL, or says what to do if it cannot, and tests without their program are skipped.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
postgres() {
	have initdb && have postgres && return 0
	for dir in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[ -x "$dir/initdb" ] && return 0
	done
	return 1
}

# can_install says whether packages can be installed here: on Debian and its like, as root. install installs them.
can_install() { have apt-get && [ "$(id -u)" = 0 ]; }
install() {
	echo "Installing: $*"
	apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# Debian's build of Chromium without windows shows the same pages with a quarter less of the processor. Without it the whole Chromium is used.
if can_install && grep -qx ID=debian /etc/os-release && ! have chromium-headless-shell; then
	install chromium-headless-shell || echo "The tests of the pages use the whole Chromium, which takes longer."
fi

missing=""
postgres || missing="postgresql"
have hledger || missing="$missing hledger"
have pdftotext || missing="$missing poppler-utils"
have chromium-headless-shell || have chromium || have google-chrome || missing="$missing chromium"
have npm || missing="$missing nodejs npm"
if [ -n "$missing" ] && can_install; then
	# shellcheck disable=SC2086 # a list of names
	install $missing
fi

# The browser's driver is pinned in tools/browser/package-lock.json.
browser=$(dirname "$0")/browser
if have npm && { [ ! -d "$browser/node_modules/playwright-core" ] || [ ! -d "$browser/node_modules/oidc-provider" ]; }; then
	(cd "$browser" && npm ci --silent) || echo "Could not download the browser's driver, which the tests of the pages need."
fi

sh "$(dirname "$0")/schemas.sh"
