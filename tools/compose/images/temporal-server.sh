#!/bin/sh
# The entry point of the stand-in for the temporal server's image: gives the others an address to reach it, and starts it with the
# settings of its environment.
set -eu
TEMPORAL_BROADCAST_ADDRESS=$(hostname -i | cut -d ' ' -f 1)
export TEMPORAL_BROADCAST_ADDRESS
exec temporal-server --allow-no-auth start
