# A clinic as OpenEMR keeps it, as far as a drill looks at it: users, keys sealed with each other, and two
# documents, of which one is encrypted. CryptoGen's sixth version: three digits, then base64 of HMAC-SHA384,
# initialisation vector and AES-256-CBC.
set -eu
site=/var/www/localhost/htdocs/openemr/sites/default
methods=$site/documents/logs_and_misc/methods
mkdir -p "$methods" "$site/documents/1"
hex() { od -An -v -tx1 | tr -d ' \n'; }
random() { head -c "$1" /dev/urandom; }

random 32 >open
random 32 >seal
seal() { # plain file, sealed file
    random 16 >vector
    { cat vector && openssl enc -aes-256-cbc -K "$(hex <open)" -iv "$(hex <vector)" -in "$1"; } >signed
    {
        printf 006
        { openssl dgst -sha384 -mac HMAC -macopt "hexkey:$(hex <seal)" -binary signed && cat signed; } |
            base64 -w 0
    } >"$2"
}
for key in sixa sixb; do
    random 32 >plain
    seal plain "$methods/$key"
done
random 300000 >"$site/documents/1/scan.pdf"
random 200000 >plain
seal plain "$site/documents/1/letter.pdf"
hash() { openssl dgst -sha3-512 -binary "$1" | hex; }

cat >"$site/sqlconf.php" <<CONF
<?php
\$host	= '$MYSQL_HOST';
\$port	= '$MYSQL_PORT';
\$login	= 'emradmin';
\$pass	= '$MYSQL_PASS';
\$dbase	= 'openemr';
\$config = 1;
CONF
MYSQL_PWD=$MYSQL_PASS mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" --user=emradmin \
    --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert <<SQL
CREATE DATABASE openemr;
USE openemr;
CREATE TABLE patient_data (id INT PRIMARY KEY, fname VARCHAR(40), dob DATE) ENGINE=InnoDB;
INSERT INTO patient_data SELECT seq, CONCAT('Zoë ', seq), '1970-01-01' + INTERVAL seq DAY FROM seq_1_to_5000;
CREATE TABLE users (id BIGINT PRIMARY KEY, active TINYINT(1)) ENGINE=InnoDB;
CREATE TABLE users_secure (id BIGINT PRIMARY KEY, password VARCHAR(255)) ENGINE=InnoDB;
INSERT INTO users VALUES (1, 1);
INSERT INTO users_secure VALUES (1, '\$2y\$10\$x');
CREATE TABLE \`keys\` (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), value TEXT) ENGINE=InnoDB;
INSERT INTO \`keys\` (name, value) VALUES ('sixa', '$(base64 -w 0 open)'), ('sixb', '$(base64 -w 0 seal)');
CREATE TABLE documents (
    id INT PRIMARY KEY, url VARCHAR(255), hash VARCHAR(255), encrypted TINYINT(1) DEFAULT 0,
    storagemethod TINYINT(4) DEFAULT 0, deleted TINYINT(1) DEFAULT 0, foreign_id BIGINT
) ENGINE=InnoDB;
INSERT INTO documents VALUES
    (1, 'file:///var/www/somewhere/else/sites/default/documents/1/scan.pdf',
        '$(hash "$site/documents/1/scan.pdf")', 0, 0, 0, 1),
    (2, 'file://$site/documents/1/letter.pdf', '$(hash plain)', 1, 0, 0, 1),
    (3, 'file://$site/documents/1/gone.pdf', '', 0, 0, 1, 1),
    (4, 'https://elsewhere.example.org/web.pdf', NULL, 0, 0, 0, 1);
SQL
