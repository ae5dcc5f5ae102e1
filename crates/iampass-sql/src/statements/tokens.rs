//! The statements of the token table.

use super::id_column;
use crate::database::{Column, Statement};
use crate::{Dialect, Schema};

/// For each value of a user's key there is a `key…`, as many as [`crate::KeyType`] binds.
pub(crate) struct TokenStatements {
    /// `key…` → the user's token.
    pub(crate) token_of: Statement,
    /// `token` → the user's key as text.
    pub(crate) user_of: Statement,
    /// `key…` → a row with the user's key as text if there is such a user in the users table.
    pub(crate) is_user: Statement,
    /// `token, key…`: gives the user of the users table this token, unless the user has one or it is taken.
    pub(crate) assign: Statement,
    /// `token, key…`
    pub(crate) rotate: Rotate,
    /// `key…`
    pub(crate) remove: Statement,
}

/// How a token is replaced.
pub(crate) enum Rotate {
    /// In one statement, which also makes the row.
    Upsert(Statement),
    /// Only of a user who has one. MySQL's upsert would change the row of another user who has the new token already.
    Update(Statement),
}

impl TokenStatements {
    pub(crate) fn new(dialect: Dialect, schema: &Schema) -> Self {
        let statement = |template: &str, columns: &[Column]| Statement::new(dialect, template, columns);
        let key_type = &schema.users.key_type;
        let (tokens, users) = (schema.tokens.quoted(dialect), schema.users.table.quoted(dialect));
        let (user_id, token) = (dialect.quote("user_id"), dialect.quote("token"));
        let created_at = dialect.quote("created_at");
        let is_user = |first| key_type.matches(dialect, &user_id, first);

        // The key comes from the users table itself: a user who is not there gets no token, and one who is gets the key in the
        // spelling of that table.
        let key = schema.users.key.quoted(dialect);
        let insert = format!(
            "INSERT INTO {tokens} ({user_id}, {token}) SELECT {key}, $1 FROM {users} WHERE {}",
            key_type.matches(dialect, &key, 2)
        );
        let or_nothing = match dialect {
            // INSERT IGNORE would ignore all other errors too.
            Dialect::MySql => format!("ON DUPLICATE KEY UPDATE {token} = {tokens}.{token}"),
            _ => "ON CONFLICT DO NOTHING".to_owned(),
        };
        let rotate = match dialect {
            Dialect::MySql => Rotate::Update(statement(
                &format!(
                    "UPDATE {tokens} SET {token} = $1, {created_at} = CURRENT_TIMESTAMP WHERE {}",
                    is_user(2)
                ),
                &[],
            )),
            _ => Rotate::Upsert(statement(
                &format!(
                    "{insert} ON CONFLICT ({user_id}) DO UPDATE SET {token} = excluded.{token}, \
                     {created_at} = CURRENT_TIMESTAMP"
                ),
                &[],
            )),
        };
        Self {
            token_of: statement(
                &format!("SELECT {token} FROM {tokens} WHERE {}", is_user(1)),
                &[id_column(dialect)],
            ),
            user_of: statement(
                &format!("SELECT {} FROM {tokens} WHERE {token} = $1", key_type.selected(dialect, &user_id)),
                &[Column::Text],
            ),
            is_user: statement(
                &format!(
                    "SELECT {} FROM {users} WHERE {}",
                    key_type.selected(dialect, &key),
                    key_type.matches(dialect, &key, 1)
                ),
                &[Column::Text],
            ),
            assign: statement(&format!("{insert} {or_nothing}"), &[]),
            rotate,
            remove: statement(&format!("DELETE FROM {tokens} WHERE {}", is_user(1)), &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyType, TextKeys, UsersTable};

    #[test]
    fn there_is_a_place_for_each_value() {
        for dialect in Dialect::ALL {
            for key_type in [KeyType::I32, KeyType::Uuid, KeyType::Text(TextKeys::new(255))] {
                let places = key_type.places(dialect);
                let schema = Schema::new(UsersTable::new("users", "id", key_type).unwrap());
                let statements = TokenStatements::new(dialect, &schema);
                let (Rotate::Upsert(rotate) | Rotate::Update(rotate)) = &statements.rotate;
                for (statement, values) in [
                    (&statements.token_of, places),
                    (&statements.user_of, 1),
                    (&statements.is_user, places),
                    (&statements.assign, 1 + places),
                    (rotate, 1 + places),
                    (&statements.remove, places),
                ] {
                    assert_eq!(statement.pieces().len(), values + 1, "{}", statement.text());
                }
            }
        }
    }
}
