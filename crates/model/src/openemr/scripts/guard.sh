# Runs after prepare.sh and before the image's own script in the install Job. Decides whether this
# database and these files may be installed into, and takes over what was restored. Nothing is
# written before that is decided.
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
    "$MYSQL_DATABASE" "${OE_USER-x}" "${OE_PASS-x}"; do
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

# The application's own user, with the password that this instance gave it. Of its two users a set may hold the
# other one as the one that signs in: nobody has that here.
app_user() {
    case $MYSQL_USER in
    *_a) other=${MYSQL_USER%_a}_b ;;
    *) other=${MYSQL_USER%_b}_a ;;
    esac
    sql <<SQL
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER IF NOT EXISTS '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASS' REQUIRE SSL;
ALTER USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASS' REQUIRE SSL ACCOUNT UNLOCK;
ALTER USER IF EXISTS '$other'@'%' ACCOUNT LOCK;
GRANT ALL PRIVILEGES ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
SQL
}

# A restored sqlconf.php leads to the database that the set was taken of. The new one is complete
# before it takes the place of the old one.
point_here() {
    conf=$sites/default/sqlconf.php
    umask 077
    awk '
        function becomes(value) { sub(/=.*/, "= \047" value "\047;"); changed++ }
        /^[[:space:]]*\$host[[:space:]]*=/ { becomes(ENVIRON["MYSQL_HOST"]) }
        /^[[:space:]]*\$port[[:space:]]*=/ { becomes(ENVIRON["MYSQL_PORT"]) }
        /^[[:space:]]*\$login[[:space:]]*=/ { becomes(ENVIRON["MYSQL_USER"]) }
        /^[[:space:]]*\$pass[[:space:]]*=/ { becomes(ENVIRON["MYSQL_PASS"]) }
        /^[[:space:]]*\$dbase[[:space:]]*=/ { becomes(ENVIRON["MYSQL_DATABASE"]) }
        { print }
        END { exit changed != 5 }' "$conf" >"$conf.new" ||
        end 48 RestoreIncomplete "sqlconf.php of the set is not as OpenEMR writes it"
    chown apache "$conf.new"
    chmod 400 "$conf.new"
    mv -f "$conf.new" "$conf"
}

case ${RESTORED:-no}:$files:$tables in
yes:complete:0 | yes:empty:* | yes:begun:*)
    end 48 RestoreIncomplete "after the restore the files are $files and the database has $tables tables"
    ;;
esac

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
    if [ "${RESTORED:-no}" = yes ]; then
        site=$sites/default
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        if closed_key; then
            end 48 RestoreIncomplete \
                "key $closed on the drive does not open with the keys in the database: they are of two sets"
        fi
        # The image's lock, if the set was taken while a pod held it.
        rm -f "$sites/docker-leader"
        app_user
        point_here
        echo "restored: the data is this instance's now"
    else
        echo "already installed"
    fi
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
app_user
echo "empty database, empty files: install"
