//! A statement of `iampass-sql` with its values, as a query of diesel; and its rows. Belongs here: that translation, for all databases
//! alike. Does not belong here: connections ([`crate::driver`]).

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSql;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::row::{Field as _, Row as DieselRow};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, HasSqlType, Nullable, Text, Untyped};
use iampass_sql::database::{Column, Row, Statement, Value};

/// A statement and its values.
///
/// It is told apart by its text, and nothing makes it unfit for the cache of prepared statements: each connection prepares it once.
/// (`diesel::sql_query` would be prepared each time.)
#[derive(Debug)]
pub struct BoundQuery {
    statement: Statement,
    values: Vec<Value>,
}

impl BoundQuery {
    pub(crate) fn new(statement: &Statement, values: Vec<Value>) -> Self {
        Self { statement: statement.clone(), values }
    }

    /// The columns of its rows.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.statement.columns().to_vec()
    }
}

impl QueryId for BoundQuery {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for BoundQuery {
    /// The statement states its columns; no type does.
    type SqlType = Untyped;
}

impl<DB> QueryFragment<DB> for BoundQuery
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    Vec<u8>: ToSql<Binary, DB>,
    i64: ToSql<BigInt, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for piece in self.statement.pieces() {
            pass.push_sql(piece);
            match values.next() {
                None => {}
                Some(Value::Text(text)) => pass.push_bind_param::<Text, _>(text)?,
                Some(Value::Bytes(bytes)) => pass.push_bind_param::<Binary, _>(bytes)?,
                Some(Value::Integer(number)) => pass.push_bind_param::<BigInt, _>(number)?,
                Some(Value::OptionalInteger(number)) => {
                    pass.push_bind_param::<Nullable<BigInt>, _>(number)?;
                }
                Some(_) => return Err(unknown("value")),
            }
        }
        Ok(())
    }
}

/// Reads a row by position.
pub(crate) fn read_row<'a, DB>(row: &impl DieselRow<'a, DB>, columns: &[Column]) -> QueryResult<Row>
where
    DB: Backend,
    String: FromSql<Text, DB>,
    Vec<u8>: FromSql<Binary, DB>,
    i64: FromSql<BigInt, DB>,
{
    let read = |(index, column): (usize, &Column)| {
        let field = row.get(index).ok_or_else(|| unknown("column"))?;
        let value = field.value();
        let read = match column {
            Column::Text => String::from_nullable_sql(value).map(Value::Text),
            Column::Bytes => Vec::from_nullable_sql(value).map(Value::Bytes),
            Column::Integer => i64::from_nullable_sql(value).map(Value::Integer),
            Column::OptionalInteger => value.map(i64::from_sql).transpose().map(Value::OptionalInteger),
            _ => return Err(unknown("column")),
        };
        read.map_err(Error::DeserializationError)
    };
    columns.iter().enumerate().map(read).collect()
}

/// Reads one number of a row.
pub(crate) fn read_number<'a, DB>(row: &impl DieselRow<'a, DB>, column: usize) -> QueryResult<i64>
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    let field = row.get(column).ok_or_else(|| unknown("column"))?;
    i64::from_nullable_sql(field.value()).map_err(Error::DeserializationError)
}

/// `iampass-sql` has learnt something that this crate has not.
fn unknown(what: &str) -> Error {
    Error::QueryBuilderError(format!("this version of iampass-diesel does not know such a {what}").into())
}
