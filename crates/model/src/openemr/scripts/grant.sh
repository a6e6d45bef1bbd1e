
# The first container of the Job that switches: makes the database accept the idle user with its new password,
# with the rights that the installation gives its user, and no others. It may run any number of times.
if [ "$(of login)" = "$MYSQL_USER" ] && [ "$(of pass)" != "$MYSQL_PASS" ]; then
    end 73 UserInUse "sqlconf.php names $MYSQL_USER, so its password is not changed"
fi
seen=$(printf %s "$MYSQL_PASS" | verifier)
sql 2>"$work/error" <<SQL || end 72 UserRefused "$MYSQL_USER was not made: $(head -c 200 "$work/error")"
CREATE USER IF NOT EXISTS '$MYSQL_USER'@'%' IDENTIFIED WITH mysql_native_password AS '$seen' REQUIRE SSL;
ALTER USER '$MYSQL_USER'@'%' IDENTIFIED WITH mysql_native_password AS '$seen' REQUIRE SSL ACCOUNT UNLOCK;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM '$MYSQL_USER'@'%';
GRANT ALL PRIVILEGES ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
SQL
say "$MYSQL_USER can sign in"
