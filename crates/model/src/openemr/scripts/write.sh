#!/bin/sh
# The second container of the Job that switches: writes the user into sqlconf.php, where pods read it, after the
# user was seen to open the database. It knows no master user.
set -eu

conf=/var/www/localhost/htdocs/openemr/sites/default/sqlconf.php
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$1" | tee /dev/termination-log; }
end() { # code, reason, sentence
    say "$2: $3" >&2
    exit "$1"
}
sql() {
    MYSQL_PWD="$MYSQL_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" --user="$MYSQL_USER" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert --connect-timeout=10 \
        --batch --skip-column-names "$MYSQL_DATABASE"
}

# OpenEMR quotes nothing when it reads the file, and neither does what follows.
for value in "$MYSQL_USER" "$MYSQL_PASS"; do
    case $value in
    '' | *[!A-Za-z0-9_]*)
        end 72 UserRefused "names and passwords must be letters, digits and underscores"
        ;;
    esac
done

# globals is a table that every release has: who reads it has more than an empty schema.
tries=60
until echo "SELECT COUNT(*) > 0 FROM globals" | sql >"$work/answer" 2>"$work/error"; do
    grep -q "Access denied" "$work/error" &&
        end 72 UserRefused "the database does not let $MYSQL_USER in, so sqlconf.php stays as it is"
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 71 DatabaseUnreachable "no answer from $MYSQL_HOST over TLS for 5 minutes"
    sleep 5
done

# The new file is complete before it takes the place of the old one: pods read either, and both users are valid.
umask 077
awk '
    function becomes(value) { sub(/=.*/, "= \047" value "\047;"); changed++ }
    /^[[:space:]]*\$login[[:space:]]*=/ { becomes(ENVIRON["MYSQL_USER"]) }
    /^[[:space:]]*\$pass[[:space:]]*=/ { becomes(ENVIRON["MYSQL_PASS"]) }
    { print }
    END { exit changed != 2 }' "$conf" >"$conf.new" ||
    end 74 ConfigurationUnknown "sqlconf.php is not as OpenEMR writes it, and was left as it is"
chown apache "$conf.new"
chmod 400 "$conf.new"
mv -f "$conf.new" "$conf"
say "pods sign in as $MYSQL_USER"
