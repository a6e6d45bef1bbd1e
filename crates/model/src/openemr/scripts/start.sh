#!/bin/sh
# Starts the image's own script with its output filtered: it prints the address of the session
# store, password included.
set -eu

rm -f /tmp/output
mkfifo /tmp/output
while IFS= read -r line || [ -n "$line" ]; do
    shown=
    for secret in "${REDIS_PASSWORD:-}" "${MYSQL_ROOT_PASS:-}" "${MYSQL_PASS:-}" "${OE_PASS:-}"; do
        [ -n "$secret" ] || continue
        shown=
        while :; do
            case $line in
            *"$secret"*)
                shown=$shown${line%%"$secret"*}***
                line=${line#*"$secret"}
                ;;
            *) break ;;
            esac
        done
        line=$shown$line
    done
    printf '%s\n' "$line"
done </tmp/output &
filter=$!

# A worker becomes Apache: it must be process 1, so that signals reach it.
if [ "$K8S" = worker ]; then
    exec ./openemr.sh >/tmp/output 2>&1
fi

# The Job ends with its script, after the last line is out.
code=0
./openemr.sh >/tmp/output 2>&1 || code=$?
wait "$filter"
if [ "$code" = 0 ] && [ ! -f sites/docker-completed ]; then
    code=1
fi
[ "$code" = 0 ] || echo "InstallIncomplete: the image's script ended with code $code" >/dev/termination-log
exit "$code"
