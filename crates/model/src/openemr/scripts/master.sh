#!/bin/sh
# Stands before the scripts in which the master user deals with one of the application's two users.
set -eu

conf=/var/www/localhost/htdocs/openemr/sites/default/sqlconf.php

say() { echo "$1" | tee /dev/termination-log; }
end() { # code, reason, sentence
    say "$2: $3" >&2
    exit "$1"
}

# SQL comes by standard input and the password by the environment: neither is in an argument.
sql() {
    MYSQL_PWD="$MYSQL_ROOT_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" \
        --user="$MYSQL_ROOT_USER" --ssl-ca=/root/certs/mysql/server/mysql-ca \
        --ssl-verify-server-cert --connect-timeout=10 --batch --skip-column-names
}

# Names stand in statements; these need no quoting there.
for value in "$MYSQL_USER" "$MYSQL_DATABASE"; do
    case $value in
    '' | *[!A-Za-z0-9_]*)
        end 72 UserRefused "names must be letters, digits and underscores"
        ;;
    esac
done

# What the database keeps of a password, made here, so that no password is in a statement and in no log of
# the server: twice SHA-1, as Aurora MySQL's default plug-in has it. Who reads it can't sign in with it.
verifier() { # password on standard input
    printf '*%s' "$(openssl dgst -sha1 -binary | openssl dgst -sha1 -binary | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)"
}

# What pods sign in with.
of() { sed -nE "s/^[[:space:]]*\\\$$1[[:space:]]*=[[:space:]]*'(.*)';.*/\1/p" "$conf"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tries=60
until echo "SELECT 1" | sql >/dev/null 2>"$work/error"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 71 DatabaseUnreachable "no answer from $MYSQL_HOST over TLS for 5 minutes"
    sleep 5
done
