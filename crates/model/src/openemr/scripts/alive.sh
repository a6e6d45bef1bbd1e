#!/bin/sh
# Liveness: PHP answers. Never the database, or its fail-over would restart every pod at once.
exec curl --silent --fail --insecure --max-time 8 --output /dev/null https://127.0.0.1/meta/health/livez
