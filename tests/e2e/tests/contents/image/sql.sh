# The database as a worker reaches it that has nothing but its files: by what sqlconf.php says.
sites=/var/www/localhost/htdocs/openemr/sites
key=$sites/default/documents/logs_and_misc/methods/sevena
of() { sed -nE "s/^\\\$$1[[:space:]]*= '(.*)';/\1/p" $sites/default/sqlconf.php; }
sql() {
    MYSQL_PWD=${PASSWORD-$(of pass)} mariadb --host="$(of host)" --port="$(of port)" --user="$(of login)" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert \
        --batch --skip-column-names "$(of dbase)"
}
