//! The database's own checks: whether its files are sound, and every row that another one names is there.

use std::path::Path;

use iampass_test_databases::{Database, PrivatePostgres};
use rusqlite::{Connection, OpenFlags};

use crate::Failure;

/// The faults that SQLite finds in a file, beside the service that runs on it.
pub(crate) fn sqlite(file: &Path) -> Result<Vec<String>, Failure> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut wrong = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            wrong.push(format!("integrity_check: {line}"));
        }
    }
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    for table in check.query_map([], |row| row.get::<_, String>(0))? {
        wrong.push(format!("foreign_key_check: a row of {} names one that is not there", table?));
    }
    Ok(wrong)
}

/// A query for each foreign key of one column, of the rows that name one that is not there; psql runs what it gives out.
const DANGLING: &str = r"
SELECT format('SELECT %L, count(*) FROM %s AS child LEFT JOIN %s AS parent ON parent.%I = child.%I
               WHERE child.%I IS NOT NULL AND parent.%I IS NULL HAVING count(*) > 0',
              conname, conrelid::regclass, confrelid::regclass, theirs.attname, ours.attname, ours.attname, theirs.attname)
FROM pg_constraint
JOIN pg_attribute AS ours ON ours.attrelid = conrelid AND ours.attnum = conkey[1]
JOIN pg_attribute AS theirs ON theirs.attrelid = confrelid AND theirs.attnum = confkey[1]
WHERE contype = 'f' \gexec
";

/// The faults that PostgreSQL finds in a database.
pub(crate) fn postgres(server: &PrivatePostgres, database: &Database) -> Result<Vec<String>, Failure> {
    let mut wrong: Vec<_> =
        server.check(database)?.lines().map(|line| format!("pg_amcheck: {line}")).collect();
    let dangling = database.sql(DANGLING)?;
    wrong
        .extend(dangling.lines().map(|line| format!("a foreign key and how many rows name nothing: {line}")));
    Ok(wrong)
}
