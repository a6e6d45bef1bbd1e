# Everything that a set holds, in words: sums of tables and files, and what the key opens.
set -eu
. ./sql.sh
echo "CHECKSUM TABLE patient_data, notes; SELECT COUNT(*), MAX(fname) FROM patient_data" | sql
(cd $sites && find . -type f ! -name sqlconf.php | sort | xargs sha256sum)
(cd /etc/ssl && find . -type f | sort | xargs sha256sum)
echo "SELECT body FROM notes" | sql | openssl enc -d -aes-256-cbc -pbkdf2 -a -A -pass "file:$key"
