#!/bin/sh
# The restore Job. AWS Backup puts what it restores into a folder of its own under the root of the
# file system; this brings it to where the pods look for it. Every step is one rename, so a pod that
# dies half way is followed by one that goes on.
set -eu

root=/mnt/files

end() { # code, reason, sentence
    echo "$2: $3" | tee /dev/termination-log >&2
    exit "$1"
}

set -- "$root"/aws-backup-restore_*
[ $# = 1 ] || end 52 RestoreAmbiguous "$# restored folders: which of them is wanted is for a person to say"
folder=$1

# The sites come last: once they are there, everything is.
for part in certificates sites; do
    if [ ! -d "$folder/$part" ]; then
        [ "$part" = sites ] || continue
        [ -d "$root/sites/default" ] && break
        end 51 RestoreMissing "the recovery point holds no sites"
    fi
    # An access point may have made the folder, empty. Anything in it is not ours to replace.
    if [ -d "$root/$part" ] && ! rmdir "$root/$part" 2>/dev/null; then
        end 53 RestoreTargetNotEmpty "/$part holds files already"
    fi
    mv "$folder/$part" "$root/$part"
done
rmdir "$folder" 2>/dev/null || true
echo "sites and certificates are in place"
