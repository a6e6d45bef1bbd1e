# The check Job of a drill, in a restored copy that serves. Reads everything that a clinic would miss:
# every table, every key, every document against the hash that OpenEMR took when it was stored. Writes
# nothing, and names no patient.
set -eu

site=/var/www/localhost/htdocs/openemr/sites/default
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$1" | tee /dev/termination-log; }
end() { # code, reason, sentence
    say "$2: $3" >&2
    exit "$1"
}

# A worker has nothing but its files: the database is the one that sqlconf.php leads to.
of() { sed -nE "s/^[[:space:]]*\\\$$1[[:space:]]*=[[:space:]]*'(.*)';.*/\1/p" "$site/sqlconf.php"; }
sql() {
    MYSQL_PWD=$(of pass) mariadb --host="$(of host)" --port="$(of port)" --user="$(of login)" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert --connect-timeout=10 \
        --batch --skip-column-names "$(of dbase)"
}
MYSQL_DATABASE=$(of dbase)

# 1. Tables: each is read from its first page to its last, and counted.
tries=60
until echo "SELECT table_name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1" | sql >"$work/tables"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || end 66 DatabaseUnreachable "no answer from the restored database for 5 minutes"
    sleep 5
done
[ -s "$work/tables" ] || end 61 TablesMissing "the restored database has no tables"
count=0
rows=0
while read -r table; do
    if ! echo "CHECK TABLE \`$table\`; SELECT COUNT(*) FROM \`$table\`" | sql >"$work/table" 2>"$work/error"; then
        end 61 TableDamaged "$table can't be read: $(head -c 200 "$work/error")"
    fi
    verdict=$(sed '$d' "$work/table" | cut -f 3- | grep -Evi '^(status[[:space:]]+OK|note)' | head -n 1 || true)
    [ -z "$verdict" ] || end 61 TableDamaged "$table: $verdict"
    count=$((count + 1))
    rows=$((rows + $(tail -n 1 "$work/table")))
done <"$work/tables"

# 2. Somebody can log in.
users=$(echo "SELECT COUNT(*) FROM users_secure s JOIN users u ON u.id = s.id
    WHERE u.active = 1 AND s.password <> ''" | sql) || end 61 TablesMissing "users can't be read"
[ "$users" -gt 0 ] || end 61 TablesMissing "no active user has a password"

# 3. Keys: a set whose halves do not belong together fails here.
if closed_key; then
    end 64 KeyDoesNotOpen "key $closed on the drive does not open with the keys in the database"
fi

# 4. Documents: each is there, opens, and is what was stored. A thousand wrong ones are as bad as three,
#    so those are named by their number in OpenEMR and no more are looked for.
echo "SELECT id, COALESCE(encrypted, 0), COALESCE(hash, ''), COALESCE(foreign_id, 0), url FROM documents
    WHERE COALESCE(storagemethod, 0) = 0 AND COALESCE(deleted, 0) = 0 AND url LIKE 'file://%'
    ORDER BY id DESC" | sql >"$work/documents" || end 61 TablesMissing "documents can't be read"
all=$(wc -l <"$work/documents")
seen=0
wrong=
found() { wrong="${wrong:+$wrong, }$1"; [ "$(echo "$wrong" | tr -cd , | wc -c)" -lt 2 ]; }
deadline=$(($(date +%s) + ${DOCUMENT_SECONDS:-1800}))
while IFS='	' read -r id encrypted hash patient url; do
    [ "$(date +%s)" -lt "$deadline" ] || break
    # The path may name a folder of the site that it was written on; what counts is what lies below it.
    path=$site/documents/${url##*/documents/}
    [ -f "$path" ] || path=$site/documents/$patient/$(basename "$url")
    if [ ! -f "$path" ]; then
        found "document $id is missing" || break
        continue
    fi
    seen=$((seen + 1))
    content=$path
    if [ "$encrypted" = 1 ]; then
        content=$work/content
        code=0
        unseal "$path" >"$content" || code=$?
        # A later scheme of OpenEMR: it is there, which is all that can be said.
        [ "$code" != 2 ] || continue
        if [ "$code" != 0 ]; then
            found "document $id does not open" || break
            continue
        fi
    fi
    case ${#hash} in
    128) is=$(openssl dgst -sha3-512 -binary "$content" | hex) ;;
    40) is=$(openssl dgst -sha1 -binary "$content" | hex) ;;
    *) continue ;;
    esac
    [ "$is" = "$hash" ] || found "document $id is not what was stored" || break
done <"$work/documents"
[ -z "$wrong" ] || end 63 DocumentsDamaged "$wrong (of $all documents)"

say "$count tables, $rows rows; $keys keys; $seen of $all documents"
