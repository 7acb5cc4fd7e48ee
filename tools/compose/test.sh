#!/bin/sh
# Runs docker-compose.yml for real: from nothing to a course in progress, then an upgrade, new keys, a backup under load and its restore, and
# the erasing of a record. With a Docker
# engine it pulls the images; without one it uses podman, and stands in for the images that cannot be pulled. Nothing is skipped: what is
# missing ends it. COMPOSE_TEST_DIR (default bin/compose) keeps what was built.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)
mkdir -p "${COMPOSE_TEST_DIR:-bin/compose}"
work=$(cd "${COMPOSE_TEST_DIR:-bin/compose}" && pwd)
house=$work/house
project=kapflow-compose-test

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }
fail() { # fail WORDS: ends the test with the state of the services
	printf 'FAILED: %s\n' "$*" >&2
	compose ps -a >&2 || true
	for service in worker temporal migrate; do
		compose logs --no-log-prefix --tail 15 "$service" >&2 || true
	done
	exit 1
}

if docker info > /dev/null 2>&1 && docker compose version > /dev/null 2>&1; then
	engine=docker
elif command -v podman > /dev/null && command -v runc > /dev/null && command -v busybox > /dev/null; then
	engine=podman
else
	echo "This needs Docker with its compose plugin. Without it, on Debian: apt-get install podman runc netavark aardvark-dns busybox-static postgresql" >&2
	exit 1
fi

if [ "$engine" = podman ]; then
	if [ ! -x "$work/docker-compose" ]; then
		say "building Compose, once; this takes some minutes"
		(cd tools/compose/client && CGO_ENABLED=0 GOFLAGS=-mod=readonly nice go build -trimpath '-ldflags=-s -w' -o "$work/docker-compose" github.com/docker/compose/v2/cmd)
	fi
	sh tools/compose/engine.sh start "$work"
	export CONTAINERS_CONF="$work/containers.conf"
fi

compose() {
	if [ "$engine" = docker ]; then
		(cd "$house" && docker compose -p "$project" "$@")
	else
		(cd "$house" && DOCKER_HOST="unix://$work/engine.sock" "$work/docker-compose" -p "$project" -f docker-compose.yml -f "$work/ulimits.yml" "$@")
	fi
}
starter() { compose exec -T worker /starter "$@"; }
# owner runs a command as the owner of the tables. Look at what it says: with podman, compose run does not give its exit status.
owner() { compose run --rm --no-deps -T --entrypoint /starter migrate "$@"; }

end() {
	code=$?
	[ ! -d "$house" ] || compose down -v --remove-orphans > /dev/null 2>&1 || true
	[ "$engine" = docker ] || sh tools/compose/engine.sh stop "$work"
	exit "$code"
}
trap end EXIT
trap 'exit 130' INT TERM

# image VERSION: the image of our programs as a release of its own.
image() {
	if [ "$engine" = docker ]; then
		docker build -q -t "kapflow:$1" --build-arg "VERSION=$1" "$root" > /dev/null
	else
		PODMAN=podman sh tools/compose/images/build.sh "$work" "kapflow:$1"
	fi
}

# images lists the images of others as lines of .env, in the versions that the file names. A stand-in has no digest.
images() {
	sed -n 's/^ *image: "${\(KAPFLOW_[A-Z_]*_IMAGE\):-\([^}]*\)}"$/\1=\2/p' docker-compose.yml | sort -u |
		if [ "$engine" = docker ]; then cat; else sed 's/@.*//'; fi
}

stand_ins() {
	PGBIN=${PGBIN:-$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | tail -1)")")}
	export PGBIN
	images >> "$house/.env"
	for name in $(images | cut -d= -f2); do
		podman image exists "$name" || PODMAN=podman sh tools/compose/images/build.sh "$work" "$name"
	done
	cat <<-W
		Stand-ins, and what this run therefore does not show:
		  postgres        $("$PGBIN/postgres" --version) on a plain file tree, with an entry point of ours: not the image's version or set-up
		  temporal server the same version, from its Go module without its cloud clients: not the image's own entry point
		  admin-tools     the same SQL tool and schema; the temporal command is a small program of ours
		  temporal-ui     the same version, from its Go module: not the image's own entry point
		  kapflow         built outside, in the Dockerfile's layout, with time zones as files: not the Dockerfile's first stage
	W
}

# up WORDS: starts what compose says, and waits until every service that stays is healthy.
up() {
	compose up -d --no-build > "$work/up.log" 2>&1 || { tail -20 "$work/up.log" >&2 && fail "$1: compose up"; }
	tries=0
	until [ "$(compose ps --format '{{.Service}} {{.Health}}' | grep -c -e '^postgres healthy' -e '^temporal healthy' -e '^temporal-ui healthy' -e '^worker healthy')" = 4 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 120 ] || fail "$1: not every service is healthy"
		sleep 2
	done
	say "$1: postgres, temporal, temporal-ui and worker are healthy"
}

fact() { # fact CLIENT NAME PERSON FIELDS
	printf '%s' "$4" | starter record "$1" "$2" --as "$3" --with - > "$work/fact.log" 2>&1 || { cat "$work/fact.log" >&2 && fail "$2 was refused"; }
}
facts() { # facts CLIENT: how often a goal was recorded for the client
	starter history "$1" --as psy-sample --json | grep -o '"goals-recorded"' | wc -l | tr -d ' '
}
expect() { # expect WORDS
	[ "$(facts "$client")" = "$told" ] || fail "$1: $(facts "$client") of $told answered facts are there"
	say "$1: every answered fact is there ($told)"
}
told=0 # the goals that were answered
goal() {
	fact "$client" goals-recorded psy-sample '{"intention":"to sleep through the night"}'
	told=$((told + 1))
}

new_house() {
	[ ! -d "$house" ] || compose down -v --remove-orphans > /dev/null 2>&1 || true
	rm -rf "$house"
	mkdir -p "$house"
	cp -R docker-compose.yml deploy "$house/"
	(cd "$house" && sh deploy/secrets > /dev/null)
	echo '"uid 65532": [coordinator, psy-sample, dr-sample, owner-sample]' > "$house/site/operators.yaml"
	chmod 644 "$house/site/operators.yaml"
	printf 'KAPFLOW_VERSION=drill-1\nKAPFLOW_CONSOLE_PORT=28233\nKAPFLOW_PRIVATE_PORT=28234\nKAPFLOW_TEMPORAL_UI_PORT=28080\n' > "$house/.env"
}

enroll() {
	echo '{"reference":"compose","preferred_name":"Sample","phone":"+13035550142","timezone":"America/Denver","presenting":["anxiety"],"consent":{"sms":"minimal"}}' |
		starter enroll /dev/stdin --as coordinator --json > "$work/enrolled.json" || fail "nobody could be enrolled"
	sed -n 's/.*"client[_a-z]*": *"\([^"]*\)".*/\1/p' "$work/enrolled.json" | head -1
}

first_day() {
	up "from nothing"
	curl -fsS -o /dev/null http://127.0.0.1:28234/readyz || fail "the worker's private web server does not answer"
	curl -fsS -o /dev/null http://127.0.0.1:28234/livez || fail "the worker does not answer on its private port"
	curl -fsS -o /dev/null http://127.0.0.1:28080/healthz || fail "the Temporal UI does not answer"
	client=$(enroll)
	[ -n "$client" ] || fail "no client: $(cat "$work/enrolled.json")"
	fact "$client" screening-recorded psy-sample '{"criteria_met":true,"prefers_kap":true}'
	goal
	starter board --as coordinator > "$work/board.txt" || fail "the board cannot be read"
	expect "enrolled, and a course in progress"
}

restarts() {
	for service in worker temporal postgres temporal-ui; do
		compose restart "$service" > /dev/null 2>&1
		up "after a restart of $service"
	done
	goal
	expect "after a restart of each service"
}

upgrade() {
	[ "$engine" = docker ] || say "building the second release"
	image drill-2
	sed -i 's/^KAPFLOW_VERSION=.*/KAPFLOW_VERSION=drill-2/' "$house/.env"
	began=$(date +%s)
	up "the second build"
	goal
	took=$(($(date +%s) - began))
	# Podman starts the servers anew too, and Temporal then waits for its former self to be forgotten. e2e holds a minute for the worker alone.
	[ "$took" -le 120 ] || fail "the course went on only after $took seconds"
	say "the course went on $took seconds after the upgrade began"
	expect "after the upgrade"
}

# new_keys: adds keys last and restarts, then moves them to the front and restarts, seals again and takes the old field key out, as the
# runbook says.
new_keys() {
	for file in payload_keys field_keys; do
		old=$(cat "$house/secrets/$file")
		echo "$old,drill:$(head -c 32 /dev/urandom | base64)" > "$house/secrets/$file"
	done
	compose up -d --no-build --force-recreate --no-deps worker > /dev/null 2>&1
	up "with the new keys last"
	goal
	for file in payload_keys field_keys; do
		both=$(cat "$house/secrets/$file")
		echo "${both#*,},${both%%,*}" > "$house/secrets/$file"
	done
	compose up -d --no-build --force-recreate --no-deps worker > /dev/null 2>&1
	up "with the new keys first"
	goal
	owner keys reseal --as owner-sample > "$work/reseal.txt" 2>&1 || true
	grep -q 'Everything is sealed with the current key' "$work/reseal.txt" || { cat "$work/reseal.txt" >&2 && fail "not everything was sealed again"; }
	goal
	field=$(cat "$house/secrets/field_keys")
	echo "${field%%,*}" > "$house/secrets/field_keys"
	compose up -d --no-build --force-recreate --no-deps worker > /dev/null 2>&1
	up "without the old field key"
	expect "after new keys and sealing again, without the old field key"
}

# backup: writes $work/backup.age while goals are recorded, and leaves in $told how many were answered before it began. The stream passes
# two programs; if the first breaks off, the backup is not whole.
backup() {
	(
		n=0
		while [ -f "$work/loading" ]; do
			printf '{"intention":"one more"}' | starter record "$client" goals-recorded --as psy-sample --with - > "$work/load.log" 2>&1 || break
			n=$((n + 1))
			echo "$n" > "$work/loaded"
		done
	) &
	load=$!
	tries=0
	until [ "$(cat "$work/loaded")" -ge 3 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 120 ] || fail "no goal arrives: $(cat "$work/load.log")"
		sleep 0.5
	done
	before=$(cat "$work/loaded")
	rm -f "$work/backup.failed"
	{ compose exec -T postgres pg_basebackup -U postgres -D - -Ft -X fetch || echo broken > "$work/backup.failed"; } | gzip |
		"$work/starter-here" backup write "$work/backup.age" --to "$to" || fail "the backup could not be written"
	[ ! -f "$work/backup.failed" ] || fail "the backup broke off"
	during=$(($(cat "$work/loaded") - before))
	rm -f "$work/loading"
	wait "$load"
	told=$((told + before))
	say "a backup was written while $during goals were recorded"
	[ "$during" -gt 0 ] || fail "nothing was recorded while the backup was written"
}

# from_backup WORDS: unpacks the backup into an empty stack and starts it.
from_backup() {
	compose down -v > /dev/null 2>&1
	"$work/starter-here" backup read "$work/backup.age" "$work/backup.tar.gz" --key "$work/backup.key" || fail "the backup could not be read"
	"$engine" volume create "${project}_postgres" > /dev/null
	"$engine" run --rm -i -v "${project}_postgres:/data" "$(images | sed -n 's/^KAPFLOW_POSTGRES_IMAGE=//p')" \
		sh -c 'tar -xzf - -C /data && chown -R postgres:postgres /data && chmod 700 /data' < "$work/backup.tar.gz" || fail "the backup could not be unpacked"
	rm -f "$work/backup.age" "$work/backup.tar.gz"
	up "$1"
}

history_of() { # history_of CLIENT: all that is kept about somebody, without the looks at it
	starter history "$1" --all --as psy-sample --json
}

restore() {
	rm -f "$work"/backup.*
	CGO_ENABLED=0 go build -trimpath -o "$work/starter-here" ./starter
	CGO_ENABLED=0 go build -trimpath -o "$work/oldrecord" ./e2e/oldrecord
	to=$("$work/starter-here" backup key "$work/backup.key" | grep -o 'age1[a-z0-9]*' | head -1)
	compose run --rm --no-deps -T -v "$work/oldrecord:/oldrecord:ro" --entrypoint /oldrecord worker > "$work/old.txt" 2>&1 || true
	old=$(grep -o 'client-[a-z0-9]*' "$work/old.txt" | head -1)
	[ -n "$old" ] || { cat "$work/old.txt" >&2 && fail "the old record was not written"; }
	history_of "$old" > "$work/old-before.json" || fail "the old record cannot be read"
	touch "$work/loading"
	echo 0 > "$work/loaded"
	backup
	from_backup "restored into an empty stack"
	there=$(facts "$client")
	[ "$there" -ge "$told" ] || fail "after the restore: $there of $told facts that were answered before the backup are there"
	say "after the restore: the $told facts that were answered before the backup are there, and $((there - told)) of those that came meanwhile"
	told=$there
	history_of "$old" > "$work/old-after.json" || fail "the old record cannot be read after the restore"
	cmp -s "$work/old-before.json" "$work/old-after.json" || fail "the old record is another one after the restore: $work/old-before.json, $work/old-after.json"
	say "after the restore: the other client's record is the same to the byte"
	goal
	expect "the course goes on after the restore"
}

# erased WORDS: nothing of the old record can be read, and what shows whom it was about is gone.
erased() {
	for command in "show $old" "history $old --all" "statement $old" "measures $old"; do
		# shellcheck disable=SC2086 # words of a command
		if starter $command --as psy-sample > "$work/erased.txt" 2>&1; then
			cat "$work/erased.txt" >&2
			fail "$1: starter $command reads an erased record"
		fi
	done
	starter show "$old" --as psy-sample > "$work/erased.txt" 2>&1 || true
	grep -q 'this record was erased' "$work/erased.txt" || { cat "$work/erased.txt" >&2 && fail "$1: it does not say that the record was erased"; }
	left=$(compose exec -T postgres psql -U postgres -d kapflow -tAc "SELECT (SELECT count(*) FROM data_key WHERE owner = '$old' AND sealed IS NOT NULL) +
		(SELECT count(*) FROM contact WHERE client_id = '$old' AND coalesce(preferred_name, phone, email, phone_index) IS NOT NULL) +
		(SELECT count(*) FROM client_entry WHERE client_id = '$old')")
	[ "$left" = 0 ] || fail "$1: $left rows still hold a key, an address or an entry of the erased client"
	starter audit "$old" --as owner-sample > "$work/erased.txt" 2>&1 || { cat "$work/erased.txt" >&2 && fail "$1: the audit log cannot be read"; }
	grep -q 'retention is over' "$work/erased.txt" || { cat "$work/erased.txt" >&2 && fail "$1: the audit log does not say why"; }
	say "$1: no command reads the erased record, its key is gone, and the audit log says who erased it and why"
}

erase() {
	owner erase "$client" --as owner-sample --reason "retention is over" --retention "$(date +%F)" > "$work/erase.txt" 2>&1 || true
	grep -q 'the record is in use' "$work/erase.txt" || { cat "$work/erase.txt" >&2 && fail "erasing a record in use was not refused"; }
	expect "erasing a record in use was refused"
	owner erase "$old" --as owner-sample --reason "retention is over" --retention "$(($(date +%Y) - 1))-01-01" > "$work/erase.txt" 2>&1 || true
	grep -q 'was erased' "$work/erase.txt" || { cat "$work/erase.txt" >&2 && fail "a closed record was not erased"; }
	erased "erased"
	touch "$work/loading"
	echo 0 > "$work/loaded"
	backup
	from_backup "restored from a backup after the erasing"
	told=$(facts "$client")
	erased "in the restored copy"
}

new_house
[ "$engine" = docker ] || stand_ins
image drill-1
first_day
upgrade
new_keys
restore
erase
restarts
say "passed"
