#!/bin/sh
# Runs every fuzz target of the repository for FUZZTIME each (default 1m). What fails is kept in testdata/fuzz of its package, where
# every later `go test` tries it; commit it with the correction. Interesting inputs are kept in Go's build cache.
# An interesting input is made smaller ten times at most: by default Go spends a minute on each, and tries nothing new meanwhile.
set -eu
cd "$(dirname "$0")/.."
for file in $(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$file"); do
		echo "$file $name"
		"${GO:-go}" test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-1m}" -fuzzminimizetime 10x ${FUZZFLAGS:-} | tail -2
	done
done
