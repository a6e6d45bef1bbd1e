#!/bin/sh
# Plays the image's own script, as far as contents count: an install makes a schema, records, a key and
# documents among the files, and a value in the database that only that key opens.
set -eu

if [ "$K8S" = worker ]; then
    touch /root/instance-swarm-ready /etc/php-redis-configured
    exec tail -f /dev/null
fi
[ ! -f sites/docker-completed ] || exit 0

sites=/var/www/localhost/htdocs/openemr/sites
documents=$sites/default/documents
methods=$documents/logs_and_misc/methods
key=$methods/sevena
work=$(mktemp -d)
mkdir -p "$methods" "$documents/1" "$documents/certificates" /etc/ssl/private
hex() { od -An -v -tx1 | tr -d ' \n'; }
random() { head -c "$1" /dev/urandom; }
random 32 | base64 >"$key"
random 300000 >"$documents/1/scan.pdf"
random 2000 | base64 >/etc/ssl/private/webserver.key.pem
cp /root/certs/mysql/server/mysql-ca /root/certs/redis/redis-ca "$documents/certificates"
sealed=$(echo "HIV test: negative" | openssl enc -aes-256-cbc -pbkdf2 -a -A -pass "file:$key")

# CryptoGen's sixth version: three digits, then base64 of HMAC-SHA384, initialisation vector and AES-256-CBC.
# Keys on the drive are sealed with those in the database.
random 32 >"$work/open"
random 32 >"$work/seal"
seal() { # plain file, sealed file
    random 16 >"$work/vector"
    cp "$work/vector" "$work/signed"
    openssl enc -aes-256-cbc -K "$(hex <"$work/open")" -iv "$(hex <"$work/vector")" -in "$1" >>"$work/signed"
    openssl dgst -sha384 -mac HMAC -macopt "hexkey:$(hex <"$work/seal")" -binary "$work/signed" >"$work/mac"
    { printf 006 && cat "$work/mac" "$work/signed" | base64 -w 0; } >"$2"
}
for one in sixa sixb; do
    random 32 >"$work/plain"
    seal "$work/plain" "$methods/$one"
done
random 200000 >"$work/plain"
seal "$work/plain" "$documents/1/letter.pdf"
hash() { openssl dgst -sha3-512 -binary "$1" | hex; }

MYSQL_PWD="$MYSQL_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" --user="$MYSQL_USER" \
    --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert "$MYSQL_DATABASE" <<SQL
CREATE TABLE patient_data (id INT PRIMARY KEY, fname VARCHAR(40), dob DATE) ENGINE=InnoDB;
CREATE TABLE notes (id INT PRIMARY KEY, body TEXT) ENGINE=InnoDB;
INSERT INTO patient_data SELECT seq, CONCAT('Zoë ', seq), '1970-01-01' + INTERVAL seq DAY FROM seq_1_to_5000;
INSERT INTO notes VALUES (1, '$sealed');
CREATE TABLE globals (gl_name VARCHAR(63) NOT NULL, gl_index INT NOT NULL DEFAULT 0, gl_value VARCHAR(255) NOT NULL,
    PRIMARY KEY (gl_name, gl_index)) ENGINE=InnoDB;
CREATE TABLE users (id BIGINT PRIMARY KEY, active TINYINT(1)) ENGINE=InnoDB;
CREATE TABLE users_secure (id BIGINT PRIMARY KEY, password VARCHAR(255)) ENGINE=InnoDB;
INSERT INTO users VALUES (1, 1);
INSERT INTO users_secure VALUES (1, '\$2y\$10\$x');
CREATE TABLE \`keys\` (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), value TEXT) ENGINE=InnoDB;
INSERT INTO \`keys\` (name, value) VALUES
    ('sixa', '$(base64 -w 0 "$work/open")'), ('sixb', '$(base64 -w 0 "$work/seal")');
CREATE TABLE documents (
    id INT PRIMARY KEY, url VARCHAR(255), hash VARCHAR(255), encrypted TINYINT(1) DEFAULT 0,
    storagemethod TINYINT(4) DEFAULT 0, deleted TINYINT(1) DEFAULT 0, foreign_id BIGINT
) ENGINE=InnoDB;
INSERT INTO documents VALUES
    (1, 'file:///another/site/default/documents/1/scan.pdf', '$(hash "$documents/1/scan.pdf")', 0, 0, 0, 1),
    (2, 'file://$documents/1/letter.pdf', '$(hash "$work/plain")', 1, 0, 0, 1),
    (3, 'file://$documents/1/gone.pdf', '', 0, 0, 1, 1),
    (4, 'https://elsewhere.example.org/web.pdf', NULL, 0, 0, 0, 1);
SQL
rm -r "$work"
cat >$sites/default/sqlconf.php <<CONF
<?php
\$host	= '$MYSQL_HOST';
\$port	= '$MYSQL_PORT';
\$login	= '$MYSQL_USER';
\$pass	= '$MYSQL_PASS';
\$dbase	= '$MYSQL_DATABASE';
\$sqlconf["host"]= \$host;
\$config = 1;
CONF
echo 15 >$sites/default/docker-version
touch $sites/docker-completed
echo "password of the application: $MYSQL_PASS"
