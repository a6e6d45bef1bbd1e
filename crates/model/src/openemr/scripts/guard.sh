#!/bin/sh
# Runs after prepare.sh and before the image's own script in the install Job. Decides whether this
# database and these files may be installed into. Nothing is written before that is decided.
set -eu

sites=/var/www/localhost/htdocs/openemr/sites

end() { # code, reason, sentence
    echo "$2: $3" | tee /dev/termination-log >&2
    exit "$1"
}

# SQL comes by standard input and the password by the environment: neither is in an argument.
sql() {
    MYSQL_PWD="$MYSQL_ROOT_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" \
        --user="$MYSQL_ROOT_USER" --ssl-ca=/root/certs/mysql/server/mysql-ca \
        --ssl-verify-server-cert --connect-timeout=10 --batch --skip-column-names
}

# The image splits its arguments at spaces and equal signs, and quotes nothing in SQL.
for value in "$MYSQL_ROOT_USER" "$MYSQL_ROOT_PASS" "$MYSQL_USER" "$MYSQL_PASS" \
    "$MYSQL_DATABASE" "$OE_USER" "$OE_PASS"; do
    case $value in
    '' | *[!A-Za-z0-9_]*)
        end 46 CredentialsUnsupported "names and passwords must be letters, digits and underscores"
        ;;
    esac
done

# What the files are: complete (they hold keys), begun (an install that did not finish), or empty.
# The image writes $config = 1 before it loads half of the data: alone it proves nothing.
installed() { grep -Eq '^[[:space:]]*\$config[[:space:]]*=[[:space:]]*1' "$sites/default/sqlconf.php"; }
keys() { [ -n "$(ls "$sites/default/documents/logs_and_misc/methods" 2>/dev/null)" ]; }
if [ -f "$sites/docker-completed" ]; then
    files=complete
elif [ -f "$sites/docker-initiated" ]; then
    files=begun
elif installed 2>/dev/null || keys; then
    files=complete
else
    files=empty
fi

# What the database is: the number of its tables.
tries=60
until tables=$(echo "SELECT COUNT(*) FROM information_schema.tables
    WHERE table_schema = '$MYSQL_DATABASE'" | sql); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 41 DatabaseUnreachable "no answer from $MYSQL_HOST over TLS for 5 minutes"
    sleep 5
done

case $files:$tables in
empty:0 | begun:0)
    ;;
complete:0)
    end 42 KeysDatabaseMismatch "the files hold keys, but the database has no tables"
    ;;
empty:*)
    end 42 KeysDatabaseMismatch "the database has $tables tables, but the files are empty"
    ;;
begun:*)
    end 43 InstallIncomplete "an earlier install stopped half way, after $tables tables"
    ;;
complete:*)
    # Both halves are there. The image would upgrade them on the way, which is not an install.
    want=$(cat /root/docker-version)
    have=$(cat "$sites/default/docker-version" 2>/dev/null || echo "$want")
    [ "$want" = "$have" ] || end 45 VersionMismatch "the data is of level $have, the image of $want"
    echo "already installed"
    exit 0
    ;;
esac

# From here on the set is empty. Only one pod runs, so a lock that is left is a dead pod's.
rm -f "$sites/docker-leader"
if [ "$files" = begun ]; then
    cp /swarm-pieces/sites/default/sqlconf.php "$sites/default/sqlconf.php"
    chown apache "$sites/default/sqlconf.php"
    chmod 666 "$sites/default/sqlconf.php"
fi

# The image can do this once only: a second CREATE DATABASE fails, and it tries for ever.
sql <<SQL
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER IF NOT EXISTS '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASS' REQUIRE SSL;
ALTER USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASS' REQUIRE SSL;
GRANT ALL PRIVILEGES ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
SQL
echo "empty database, empty files: install"
