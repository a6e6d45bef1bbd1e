#!/bin/sh
# Runs before OpenEMR in every pod, of the install Job and of the workers.
# A failure is tried again by the kubelet (workers) or ends the Job (install).
set -eu

sites=/var/www/localhost/htdocs/openemr/sites
certificates=/mnt/certificates

end() { # code, reason, sentence
    echo "$2: $3" | tee /dev/termination-log >&2
    exit "$1"
}

# 1. A worker never installs. With SWARM_MODE=yes the image makes any pod the leader while
#    docker-completed is missing, whatever K8S says.
if [ "$K8S" = worker ] && [ ! -f "$sites/docker-completed" ]; then
    end 47 NotInstalled "the shared files hold no finished installation"
fi

# 2. /etc/ssl is a shared volume. Bring it what the image's own /etc/ssl holds, always: an empty
#    volume would hide the CA bundle, an old one would hide a newer bundle. rsync renames complete
#    files into place, so pods may do this side by side; nothing is deleted, so the web server's key
#    and certificate stay.
rsync --recursive --links --perms --times /swarm-pieces/ssl/ "$certificates/"

# 3. The image copies the CA files next to OpenEMR only where they are absent. Replace them when
#    they differ, or a changed authority would never arrive.
copies="$sites/default/documents/certificates"
if [ -d "$copies" ]; then
    for file in mysql/server/mysql-ca redis/redis-ca; do
        copy="$copies/$(basename "$file")"
        if ! cmp -s "/root/certs/$file" "$copy"; then
            cp "/root/certs/$file" "$copy.$$"
            chmod 744 "$copy.$$"
            mv "$copy.$$" "$copy"
        fi
    done
fi

# 4. Wait for the cache, over TLS and logged in. Without it the image falls back, silently, to
#    sessions in files, and users are logged out whenever they meet another pod.
tries=60
until printf 'AUTH %s %s\r\nPING\r\nQUIT\r\n' "$REDIS_USERNAME" "$REDIS_PASSWORD" |
    timeout 10 openssl s_client -quiet -verify_return_error -verify_hostname "${REDIS_SERVER%:*}" \
        -CAfile /root/certs/redis/redis-ca -connect "$REDIS_SERVER" 2>/dev/null |
    grep -q '^+PONG'; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 44 CacheUnreachable "no PONG from $REDIS_SERVER over TLS for 5 minutes"
    sleep 5
done
