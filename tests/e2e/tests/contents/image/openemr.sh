#!/bin/sh
# Plays the image's own script, as far as contents count: an install makes a schema, records, a key and a
# document among the files, and a value in the database that only that key opens.
set -eu

if [ "$K8S" = worker ]; then
    touch /root/instance-swarm-ready /etc/php-redis-configured
    exec tail -f /dev/null
fi
[ ! -f sites/docker-completed ] || exit 0

sites=/var/www/localhost/htdocs/openemr/sites
key=$sites/default/documents/logs_and_misc/methods/sevena
mkdir -p "$(dirname "$key")" $sites/default/documents/1 $sites/default/documents/certificates /etc/ssl/private
head -c 32 /dev/urandom | base64 >"$key"
head -c 300000 /dev/urandom >$sites/default/documents/1/scan.pdf
head -c 2000 /dev/urandom | base64 >/etc/ssl/private/webserver.key.pem
cp /root/certs/mysql/server/mysql-ca /root/certs/redis/redis-ca $sites/default/documents/certificates
sealed=$(echo "HIV test: negative" | openssl enc -aes-256-cbc -pbkdf2 -a -A -pass "file:$key")
MYSQL_PWD="$MYSQL_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" --user="$MYSQL_USER" \
    --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert "$MYSQL_DATABASE" <<SQL
CREATE TABLE patient_data (id INT PRIMARY KEY, fname VARCHAR(40), dob DATE) ENGINE=InnoDB;
CREATE TABLE notes (id INT PRIMARY KEY, body TEXT) ENGINE=InnoDB;
INSERT INTO patient_data SELECT seq, CONCAT('Zoë ', seq), '1970-01-01' + INTERVAL seq DAY FROM seq_1_to_5000;
INSERT INTO notes VALUES (1, '$sealed');
SQL
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
