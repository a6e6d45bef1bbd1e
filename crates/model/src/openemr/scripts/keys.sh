#!/bin/sh
# Stands before the scripts that look whether database and files belong together. They bring `site`, `work`
# (a folder), `sql` and the name of the schema.
#
# OpenEMR seals its keys on the drive with its keys in the database, and what it encrypts in the database with
# those on the drive: halves of two sets do not open. CryptoGen, versions 4 to 6: three digits, then base64 of
# HMAC-SHA384 (48 bytes), initialisation vector (16) and AES-256-CBC. openssl takes keys as arguments alone;
# nobody else runs in this pod.
hex() { od -An -v -tx1 | tr -d ' \n'; }
label() { case $1 in 004) echo four ;; 005) echo five ;; 006) echo six ;; *) return 1 ;; esac; }
key() { echo "SELECT value FROM \`$MYSQL_DATABASE\`.\`keys\` WHERE name = '$1'" | sql | base64 -d | hex; }
unseal() { # file; its content on standard output
    name=$(label "$(head -c 3 "$1")") || return 2
    seal=$(key "${name}b") && open=$(key "${name}a") || return 1
    [ -n "$seal" ] && [ -n "$open" ] || return 1
    tail -c +4 "$1" | base64 -d >"$work/raw" 2>/dev/null || return 1
    tail -c +49 "$work/raw" >"$work/signed"
    mac=$(openssl dgst -sha384 -mac HMAC -macopt "hexkey:$seal" -binary "$work/signed" | hex)
    [ "$mac" = "$(head -c 48 "$work/raw" | hex)" ] || return 1
    tail -c +17 "$work/signed" |
        openssl enc -d -aes-256-cbc -K "$open" -iv "$(head -c 16 "$work/signed" | hex)"
}
# The first key on the drive that does not open, by name; how many do, in `keys`.
closed_key() {
    keys=0
    for file in "$site/documents/logs_and_misc/methods"/*; do
        [ -f "$file" ] || continue
        case $(head -c 3 "$file") in
        005 | 006)
            if ! unseal "$file" >/dev/null; then
                closed=$(basename "$file")
                return 0
            fi
            keys=$((keys + 1))
            ;;
        esac
    done
    return 1
}

