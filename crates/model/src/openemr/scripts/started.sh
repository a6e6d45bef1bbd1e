#!/bin/sh
# Startup: the image's script has ended well, sessions are in the cache and not in files, and Apache
# answers.
test -f /root/instance-swarm-ready && test -f /etc/php-redis-configured &&
    curl --silent --fail --insecure --max-time 8 --output /dev/null https://127.0.0.1/meta/health/livez
