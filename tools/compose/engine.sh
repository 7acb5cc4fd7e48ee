#!/bin/sh
# engine.sh start|stop DIRECTORY: a Docker-compatible engine from podman, on DIRECTORY/engine.sock, for a machine that has no Docker. podman
# leaves health checks to systemd; where that does not run, a loop does them.
set -eu
dir=$2
case $1 in
start)
	files=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
	processes=$(awk '/^Max processes/ { print $4 }' /proc/self/limits)
	[ "$files" != unlimited ] && [ "$files" -lt 20000 ] || files=20000
	[ "$processes" != unlimited ] && [ "$processes" -lt 4096 ] || processes=4096
	cat > "$dir/containers.conf" <<-C
		[containers]
		default_ulimits = ["nofile=1024:$files", "nproc=1024:$processes"]
		[engine]
		runtime = "runc"
		events_logger = "file"
		compat_api_enforce_docker_hub = false
	C
	# Compose asks for no limits, and podman's own default is above what such a machine allows.
	{
		echo "services:"
		for service in postgres migrate temporal-schema temporal temporal-namespace temporal-ui worker; do
			echo "  $service: { ulimits: { nofile: { soft: 1024, hard: $files }, nproc: { soft: 1024, hard: $processes } } }"
		done
	} > "$dir/ulimits.yml"
	rm -f "$dir/engine.sock"
	CONTAINERS_CONF="$dir/containers.conf" podman system service -t 0 "unix://$dir/engine.sock" > "$dir/engine.log" 2>&1 &
	echo $! > "$dir/engine.pid"
	(
		export CONTAINERS_CONF="$dir/containers.conf"
		while :; do
			for container in $(podman ps -q 2> /dev/null); do
				podman healthcheck run "$container" > /dev/null 2>&1 || true
			done
			sleep 2
		done
	) > /dev/null 2>&1 &
	echo $! > "$dir/health.pid"
	tries=0
	until [ -S "$dir/engine.sock" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || { echo "podman did not start; see $dir/engine.log" >&2 && exit 1; }
		sleep 1
	done
	;;
stop)
	for name in engine health; do
		[ ! -f "$dir/$name.pid" ] || kill "$(cat "$dir/$name.pid")" 2> /dev/null || true
		rm -f "$dir/$name.pid"
	done
	;;
esac
