//! Surroundings of a database in which the stores would not be right. Belongs here: how they are detected, and the errors about them. Does
//! not belong here: asking, which is the adapters' business.

/// Why `migrate` refuses a pooler that changes servers after each transaction.
pub const POOLER_REFUSED: &str = "a pooler in transaction mode is between this program and PostgreSQL, so one connection leads to several \
     servers' processes, and a prepared statement of another program may be run in the place of one's own: connect directly, or through a \
     pooler in session mode";

/// Why `migrate` refuses a Galera cluster whose nodes do not wait for each other.
pub const GALERA_REFUSED: &str = "this MariaDB is a node of a Galera cluster, and wsrep_sync_wait is not 7, so a logout that follows a login \
     at another node may be lost: set wsrep_sync_wait = 7 in the [mariadb] section of each node, or for each connection of the application";

/// Asks MySQL or MariaDB for the bits of `wsrep_sync_wait` that are missing: 0 where all is well, or where there is no Galera. MySQL takes
/// the part for MariaDB for a comment.
pub const GALERA_WAIT_MISSING: &str =
    "SELECT CAST(0 /*M!100103 + IF(@@wsrep_on, 7 & ~@@wsrep_sync_wait, 0) */ AS SIGNED)";
