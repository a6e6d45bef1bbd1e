
# The Job that retires: locks the former user and forgets its password, after the last pod that had it. Views
# and routines that it made go on working: a locked account may still be their definer.
[ -n "$(of login)" ] || end 73 UserInUse "sqlconf.php names nobody"
[ "$(of login)" != "$MYSQL_USER" ] ||
    end 73 UserInUse "sqlconf.php names $MYSQL_USER, so it is not locked"
connected=$(echo "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '$MYSQL_USER'" | sql)
[ "$connected" = 0 ] || end 75 UserConnected \
    "$connected connections still use $MYSQL_USER; whoever has its password is to take that of $(of login)"
seen=$(head -c 32 /dev/urandom | verifier)
sql 2>"$work/error" <<SQL || end 72 UserRefused "$MYSQL_USER was not locked: $(head -c 200 "$work/error")"
ALTER USER IF EXISTS '$MYSQL_USER'@'%' IDENTIFIED WITH mysql_native_password AS '$seen' REQUIRE SSL ACCOUNT LOCK;
SQL
say "$MYSQL_USER is locked"
