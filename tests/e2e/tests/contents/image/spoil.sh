# What somebody regrets: records are gone and wrong, a document is gone, the key is another.
set -eu
. ./sql.sh
sql <<SQL
DELETE FROM patient_data WHERE id > 4000;
UPDATE patient_data SET fname = 'Zoé' WHERE id < 10;
SQL
rm $sites/default/documents/1/scan.pdf
echo "another key" >"$key"
