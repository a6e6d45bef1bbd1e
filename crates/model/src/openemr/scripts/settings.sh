#!/bin/sh
# The settings Job: OpenEMR's globals as the instance's spec has them. $SETTINGS has a line for each, its name
# and after a space its value. Only what differs is written; what the spec does not name is left alone.
set -eu

site=/var/www/localhost/htdocs/openemr/sites/default
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$1" | tee /dev/termination-log; }
end() { # code, reason, sentence
    say "$2: $3" >&2
    exit "$1"
}

# The application's own user, by the sqlconf.php that workers have: no more rights than they have.
of() { sed -nE "s/^[[:space:]]*\\\$$1[[:space:]]*=[[:space:]]*'(.*)';.*/\1/p" "$site/sqlconf.php"; }
sql() {
    MYSQL_PWD=$(of pass) mariadb --host="$(of host)" --port="$(of port)" --user="$(of login)" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert --connect-timeout=10 \
        --default-character-set=utf8mb4 --batch --skip-column-names "$(of dbase)"
}
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }
# Names and values reach SQL as parameters; on the way there they are digits and the letters a to f.
parameters() { # line of $SETTINGS
    printf "SET @name = CONVERT(X'%s' USING utf8mb4), @value = CONVERT(X'%s' USING utf8mb4);\n" \
        "$(hex "${1%% *}")" "$(hex "${1#* }")"
}

tries=60
until echo "SELECT 1" | sql >/dev/null 2>"$work/error"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 66 DatabaseUnreachable "no answer from the database over TLS for 5 minutes"
    sleep 5
done

printf '%s\n' "${SETTINGS-}" | grep -E '^[A-Za-z0-9_]+ ' >"$work/wanted" || true

# 1. What differs, to the byte; globals has no other index than 0 for these.
{
    echo "PREPARE look FROM 'SELECT ?, (SELECT COUNT(*) FROM globals WHERE gl_name = ?)
        FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM globals WHERE gl_name = ? AND gl_index = 0
            AND CAST(gl_value AS BINARY) = CAST(? AS BINARY))';"
    while IFS= read -r line; do
        parameters "$line"
        echo "EXECUTE look USING @name, @name, @name, @value;"
    done <"$work/wanted"
} | sql >"$work/differ" 2>"$work/error" || end 67 SettingsRefused "globals can't be read: $(head -c 200 "$work/error")"

# 2. That alone is written, all of it or nothing.
all=$(wc -l <"$work/wanted" | tr -d ' ')
if [ ! -s "$work/differ" ]; then
    say "$all settings are as they should be"
    exit 0
fi
{
    echo "PREPARE put FROM 'INSERT INTO globals (gl_name, gl_index, gl_value) VALUES (?, 0, ?)
        ON DUPLICATE KEY UPDATE gl_value = VALUES(gl_value)';"
    echo "START TRANSACTION;"
    while IFS= read -r line; do
        cut -f 1 "$work/differ" | grep -qxF "${line%% *}" || continue
        parameters "$line"
        echo "EXECUTE put USING @name, @value;"
    done <"$work/wanted"
    echo "COMMIT;"
} | sql 2>"$work/error" || end 67 SettingsRefused "globals can't be written: $(head -c 200 "$work/error")"

names() { awk -F '\t' "$1 { print \$1 }" "$work/differ" | head -n 20 | paste -sd , - | sed 's/,/, /g'; }
told="put right: $(names 1)"
unknown=$(names '$2 == 0')
[ -z "$unknown" ] || told="$told; OpenEMR did not know before: $unknown"
say "$told"
