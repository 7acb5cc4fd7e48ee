#!/bin/sh
# Replays the recorded histories of each released build with that build's own code, in a work tree of its commit. A rule that
# changed since makes no difference: a history belongs to the build that made it.
set -eu
cd "$(git rev-parse --show-toplevel)"
for dir in workflows/testdata/histories/*/; do
	build=$(basename "$dir")
	tree=$(mktemp -d)
	git worktree add --quiet --detach "$tree" "$build"
	cp "$dir"*.json.gz "$tree/workflows/testdata/histories/"
	cp "$dir"key "$tree/workflows/testdata/key"
	echo "build $build"
	(cd "$tree" && go test -count=1 -run TestRecordedHistoriesReplay ./workflows) || status=1
	git worktree remove --force "$tree"
done
exit "${status:-0}"
