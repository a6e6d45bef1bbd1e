#!/bin/sh
# The upgrade Job: the image's own upgrade, outside of a swarm, and the proof that it happened. Releases before
# 8.3 go on when a statement fails and raise the level all the same, so the database itself is asked, too.
set -eu

root=/var/www/localhost/htdocs/openemr
site=$root/sites/default

say() { echo "$1" | tee /dev/termination-log; }
end() { # code, reason, sentence
    say "$2: $3" >&2
    exit "$1"
}

# What pods sign in with.
of() { sed -nE "s/^[[:space:]]*\\\$$1[[:space:]]*=[[:space:]]*'(.*)';.*/\1/p" "$site/sqlconf.php"; }
sql() {
    MYSQL_PWD=$(of pass) mariadb --host="$(of host)" --port="$(of port)" --user="$(of login)" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert --connect-timeout=10 \
        --batch --skip-column-names "$(of dbase)"
}
level() { tr -cd 0-9 <"$1" 2>/dev/null || true; }
database() { # what the release expects of the database
    sed -nE 's/^[[:space:]]*\$v_database[[:space:]]*=[[:space:]]*([0-9]+).*/\1/p' "$root/version.php"
}

# 1. Nothing is touched before it is clear that the image upgrades this data, from a lower level to its own.
image=$(level /root/docker-version)
code=$(level "$root/docker-version")
before=$(level "$site/docker-version")
[ -n "$before" ] || end 81 LevelUnknown "sites/default/docker-version tells no level, so nothing was changed"
[ -n "$image" ] && [ "$image" = "$code" ] ||
    end 82 ImageUnsupported "the image does not tell one level ($image, $code), so nothing was changed"
[ "$before" -le "$image" ] ||
    end 82 ImageUnsupported "the data is of level $before and the image of $image, so nothing was changed"

# 2. The image's own. A lock that is left is a dead pod's: no other pod runs.
rm -f "$root/sites/docker-leader"
code=0
sh /opt/emr-operator/start.sh || code=$?
after=$(level "$site/docker-version")
[ "$code" = 0 ] || end 84 UpgradeFailed "the image's script ended with code $code; the data is of level $after"

# 3. The proof.
[ "$after" = "$image" ] ||
    end 83 UpgradeIncomplete "the data went from level $before to $after, the image's is $image"
wanted=$(database)
have=$(echo "SELECT MAX(v_database) FROM version" | sql 2>/dev/null) ||
    end 83 UpgradeIncomplete "the database can't be asked for its version"
[ -n "$wanted" ] && [ "$wanted" = "$have" ] ||
    end 83 UpgradeIncomplete "a statement of the upgrade failed: the database is at ${have:-nothing}, the release asks for ${wanted:-nothing}"
say "level $before to $after of $image: the database is at $have"
