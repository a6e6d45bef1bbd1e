#!/bin/sh
# Readiness: /meta/health/readyz answers 200 whatever happened; the truth is in its JSON. Of the
# checks only the database counts: the session check looks at a folder that Redis does not use.
test -f /etc/php-redis-configured || exit 1
curl --silent --fail --insecure --max-time 8 https://127.0.0.1/meta/health/readyz |
    grep -Eq '"database"[[:space:]]*:[[:space:]]*true'
