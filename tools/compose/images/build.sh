#!/bin/sh
# build.sh DIRECTORY NAME…: builds stand-ins for images that cannot be pulled, under their own names and tags, with podman. DIRECTORY
# keeps what is built once. PODMAN is the command of podman. Needs busybox, and for Postgres the programs in PGBIN.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
shift

# program NAME PACKAGE: one of the pinned modules, built like the embedded Temporal server, whose packages are compiled already.
program() {
	[ -x "$work/programs/$1" ] && return
	[ ! -d "$work/slim" ] || chmod -R u+w "$work/slim"
	rm -rf "$work/slim"
	mkdir -p "$work/slim" "$work/programs"
	slim=$(cd "$root" && CGO_ENABLED=0 go run -trimpath ./devstack/setup -slim "$work/slim")
	{ cat "$here/go.mod" && grep '^replace' "$slim"; } > "$work/slim/images.mod"
	cp "$here/go.sum" "$work/slim/images.sum"
	(cd "$here" && CGO_ENABLED=0 GOFLAGS='' nice go build -modfile="$work/slim/images.mod" -trimpath -mod=readonly -buildvcs=false \
		'-ldflags=-s -w' -o "$work/programs/$1" "$2")
}

# module PATH: the directory of a pinned module.
module() {
	cd "$here" && GOFLAGS=-mod=readonly go list -m -f '{{.Dir}}' "$1"
}

# base: a small file tree with a shell, for what the compose file's scripts and health checks call.
base() {
	rm -rf "$work/root"
	mkdir -p "$work/root/bin" "$work/root/etc" "$work/root/usr/local/bin" "$work/root/tmp"
	chmod 1777 "$work/root/tmp"
	cp "$(command -v busybox)" "$work/root/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"
	done
	printf 'root:x:0:0::/:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\ntemporal:x:1000:1000::/:/bin/sh\n' > "$work/root/etc/passwd"
	printf 'root:x:0:\npostgres:x:70:\ntemporal:x:1000:\n' > "$work/root/etc/group"
}

# libraries FILE…: copies the shared libraries that programs need.
libraries() {
	for file; do ldd "$file"; done | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | sort -u |
		while read -r library; do
			mkdir -p "$work/root$(dirname "$library")"
			cp -L "$library" "$work/root$library"
		done
}

# image NAME: makes an image of the tree, with the lines of a Dockerfile from standard input.
image() {
	{ printf 'FROM scratch\nCOPY root /\nENV PATH=/usr/local/sbin:/usr/local/bin:/usr/lib/postgresql/bin:/bin\n' && cat; } > "$work/Dockerfile"
	$PODMAN build -q --format docker -t "$1" -f "$work/Dockerfile" "$work" > /dev/null
}

postgres() {
	base
	bin=${PGBIN:?the directory of PostgreSQL programs}
	share=$("$bin/pg_config" --sharedir 2> /dev/null || echo "/usr/share/postgresql/$(basename "$(dirname "$bin")")")
	prefix=$(dirname "$bin")
	mkdir -p "$work/root$bin" "$work/root$prefix/lib" "$work/root$share" "$work/root/usr/share" "$work/root/var/lib/postgresql"
	cp "$bin/postgres" "$bin/initdb" "$bin/pg_ctl" "$bin/psql" "$bin/pg_isready" "$bin/pg_basebackup" "$work/root$bin/"
	cp "$prefix"/lib/*.so "$work/root$prefix/lib/"
	rm -f "$work/root$prefix/lib/"llvmjit*
	cp -R "$share/." "$work/root$share/"
	cp -R /usr/share/zoneinfo "$work/root/usr/share/"
	ln -s "$bin" "$work/root/usr/lib/postgresql/bin"
	cp "$(command -v setpriv)" "$work/root/usr/local/bin/"
	libraries "$bin/postgres" "$bin/psql" "$bin/pg_basebackup" "$(command -v setpriv)"
	install -m 755 "$here/postgres.sh" "$work/root/usr/local/bin/docker-entrypoint.sh"
	image "$1" <<-D
		VOLUME /var/lib/postgresql/data
		STOPSIGNAL SIGINT
		ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]
		CMD ["postgres"]
	D
}

server() {
	program temporal-server go.temporal.io/server/cmd/server
	base
	cp "$work/programs/temporal-server" "$work/root/usr/local/bin/"
	mkdir -p "$work/root/etc/temporal"
	install -m 755 "$here/temporal-server.sh" "$work/root/etc/temporal/entrypoint.sh"
	# Debian's busybox has no nc -z, which the health check calls.
	printf '#!/bin/sh\nexec busybox nc -w 2 "$2" "$3" < /dev/null\n' > "$work/root/usr/local/bin/nc"
	chmod 755 "$work/root/usr/local/bin/nc"
	echo 'USER 1000:1000' | image "$1"
}

tools() {
	program temporal-sql-tool go.temporal.io/server/cmd/tools/sql
	program temporal ./temporal
	base
	cp "$work/programs/temporal-sql-tool" "$work/programs/temporal" "$work/root/usr/local/bin/"
	mkdir -p "$work/root/etc/temporal"
	cp -R "$(module go.temporal.io/server)/schema" "$work/root/etc/temporal/schema"
	chmod -R u+w,a+rX "$work/root/etc/temporal/schema"
	echo 'USER 1000:1000' | image "$1"
}

ui() {
	program temporal-ui github.com/temporalio/ui-server/v2/cmd/server
	base
	cp "$work/programs/temporal-ui" "$work/root/usr/local/bin/"
	mkdir -p "$work/root/home/ui/config"
	cp "$(module github.com/temporalio/ui-server/v2)/config/docker.yaml" "$work/root/home/ui/config/"
	chmod -R u+w,a+rX "$work/root/home"
	image "$1" <<-D
		WORKDIR /home/ui
		USER 1000:1000
		ENTRYPOINT ["temporal-ui", "--root", ".", "--config", "config", "--env", "docker", "start"]
	D
}

# kapflow: our own programs in the layout of the Dockerfile. Time zones are files in the image and not in the programs, so that nothing is
# compiled again.
kapflow() {
	rm -rf "$work/root"
	mkdir -p "$work/root/tmp" "$work/root/etc/ssl/certs" "$work/root/usr/share"
	cp -R /usr/share/zoneinfo "$work/root/usr/share/"
	chmod 1777 "$work/root/tmp"
	cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
	(cd "$root" && CGO_ENABLED=0 GOFLAGS='' nice go build -trimpath -buildvcs=false \
		-ldflags="-s -w -X kapflow/config.Version=${1##*:}" -o "$work/root/" ./worker ./starter)
	image "$1" <<-D
		USER 65532:65532
		EXPOSE 8233
		HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["/worker", "health"]
		ENTRYPOINT ["/worker"]
	D
}

for name; do
	case $name in
	postgres:*) postgres "$name" ;;
	temporalio/server:*) server "$name" ;;
	temporalio/admin-tools:*) tools "$name" ;;
	temporalio/ui:*) ui "$name" ;;
	kapflow:*) kapflow "$name" ;;
	*) echo "there is no stand-in for the image $name" >&2 && exit 1 ;;
	esac
	echo "stand-in  $name"
done
