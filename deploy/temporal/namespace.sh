#!/bin/sh
# Creates the namespace if it does not exist. Retention is how long a finished course can still be read in Temporal. The
# permanent record is in Postgres. Old payload keys must stay in the key ring at least as long.
set -eu
namespace=${TEMPORAL_NAMESPACE:-default}
tries=0
until temporal operator cluster health --address "$TEMPORAL_ADDRESS" > /dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -ge 30 ]; then
		echo "Temporal at $TEMPORAL_ADDRESS did not become healthy within a minute" >&2
		exit 1
	fi
	sleep 2
done
temporal operator namespace describe --namespace "$namespace" --address "$TEMPORAL_ADDRESS" > /dev/null 2>&1 ||
	temporal operator namespace create --namespace "$namespace" --address "$TEMPORAL_ADDRESS" --retention "${TEMPORAL_RETENTION:-90d}"
