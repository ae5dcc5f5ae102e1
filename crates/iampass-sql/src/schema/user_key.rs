//! A user's key in a column: its type, how a [`UserKey`] is bound and compared, how it is read back. Belongs here: all that
//! depends on [`KeyType`].

use iampass_core::port::{StoreError, StoreErrorKind, UserKey};

use super::{InvalidName, Name};
use crate::Dialect;
use crate::database::Value;

/// The type of the key column of the application's users table. The token table's own column has the same, or there could be no
/// foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyType {
    /// INTEGER, INT.
    I32,
    /// BIGINT; in SQLite any INTEGER.
    I64,
    /// INT UNSIGNED in MySQL; elsewhere as [`KeyType::I32`].
    U32,
    /// BIGINT UNSIGNED in MySQL, up to the largest signed number; elsewhere as [`KeyType::I64`].
    U64,
    /// `uuid` in PostgreSQL, BINARY(16) in MySQL, a BLOB of 16 bytes in SQLite. UUIDs that are stored as text are
    /// [`KeyType::Text`]. The [`UserKey`] is the usual text of 36 characters, in lower case.
    Uuid,
    /// TEXT, VARCHAR.
    Text(TextKeys),
}

/// Keys that are texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextKeys {
    longest: u16,
    collation: Option<Name>,
}

impl TextKeys {
    /// Keys of up to `longest` characters: the length of the VARCHAR in MySQL, which allows 768 of them in a key. The other databases
    /// have no bound.
    #[must_use]
    pub const fn new(longest: u16) -> Self {
        Self { longest, collation: None }
    }

    /// The collation of the users table's column, for MySQL: both columns of a foreign key must have the same. Needed when it is not
    /// the default of the database.
    ///
    /// # Errors
    /// [`InvalidName`] when it is no name of a collation.
    pub fn with_collation(mut self, collation: &str) -> Result<Self, InvalidName> {
        self.collation = Some(Name::plain(collation)?);
        Ok(self)
    }
}

impl KeyType {
    /// The type of the column that refers to the users table.
    pub(crate) fn column(&self, dialect: Dialect) -> String {
        let plain = match (self, dialect) {
            (Self::Uuid, Dialect::Sqlite) => "BLOB",
            (Self::Uuid, Dialect::Postgres) => "UUID",
            (Self::Uuid, Dialect::MySql) => "BINARY(16)",
            (Self::Text(_), Dialect::Sqlite | Dialect::Postgres) => "TEXT",
            (Self::Text(keys), Dialect::MySql) => {
                let collation =
                    keys.collation.as_ref().map(|name| format!(" COLLATE {}", name.quoted(dialect)));
                return format!("VARCHAR({}){}", keys.longest, collation.unwrap_or_default());
            }
            (_, Dialect::Sqlite) => "INTEGER",
            (Self::I32 | Self::U32, Dialect::Postgres) => "INTEGER",
            (Self::I64 | Self::U64, Dialect::Postgres) => "BIGINT",
            (Self::I32, Dialect::MySql) => "INT",
            (Self::I64, Dialect::MySql) => "BIGINT",
            (Self::U32, Dialect::MySql) => "INT UNSIGNED",
            (Self::U64, Dialect::MySql) => "BIGINT UNSIGNED",
        };
        plain.to_owned()
    }

    /// A condition that is true of the one row whose `column` holds the key, whatever the column's collation takes for equal. It has
    /// the placeholders from `$first` on, for [`KeyType::bind`]. The first half can use the column's index.
    pub(crate) fn matches(&self, dialect: Dialect, column: &str, first: usize) -> String {
        let second = first + 1;
        match (self, dialect) {
            (Self::Uuid, Dialect::Postgres) => format!("{column} = CAST(${first} AS UUID)"),
            (Self::Text(_), Dialect::Sqlite) => {
                format!("({column} = ${first} AND {column} = ${second} COLLATE BINARY)")
            }
            (Self::Text(_), Dialect::MySql) => format!(
                "({column} = ${first} AND CAST(CONVERT({column} USING utf8mb4) AS BINARY) = ${second})"
            ),
            _ => format!("{column} = ${first}"),
        }
    }

    /// The values for [`KeyType::matches`].
    ///
    /// # Errors
    /// [`StoreErrorKind::InvalidKey`] when the key is not in the one spelling in which this type's values are read back.
    pub(crate) fn bind(&self, dialect: Dialect, key: &UserKey) -> Result<Vec<Value>, StoreError> {
        let text = key.as_str();
        let invalid = || StoreError::new(StoreErrorKind::InvalidKey);
        let number = |least: i64, most: i64| {
            let number: i64 = text.parse().map_err(|_| invalid())?;
            let is_canonical = number.to_string() == text && (least..=most).contains(&number);
            if is_canonical { Ok(vec![Value::Integer(number)]) } else { Err(invalid()) }
        };
        match (self, dialect) {
            (Self::U32, Dialect::MySql) => number(0, u32::MAX.into()),
            (Self::U64, Dialect::MySql) => number(0, i64::MAX),
            (Self::I32 | Self::U32, Dialect::MySql | Dialect::Postgres) => {
                number(i32::MIN.into(), i32::MAX.into())
            }
            (Self::I32 | Self::I64 | Self::U32 | Self::U64, _) => number(i64::MIN, i64::MAX),
            (Self::Uuid, Dialect::Postgres) => {
                uuid_bytes(text).ok_or_else(invalid)?;
                Ok(vec![Value::Text(text.to_owned())])
            }
            (Self::Uuid, _) => Ok(vec![Value::Bytes(uuid_bytes(text).ok_or_else(invalid)?)]),
            // PostgreSQL and C interfaces cannot hold NUL in a text.
            (Self::Text(_), _) if text.contains('\0') => Err(invalid()),
            (Self::Text(keys), Dialect::MySql) => {
                // A longer one would match no row, but some servers complain about it first.
                if text.chars().count() > usize::from(keys.longest) {
                    return Err(invalid());
                }
                Ok(vec![Value::Text(text.to_owned()), Value::Bytes(text.as_bytes().to_vec())])
            }
            (Self::Text(_), Dialect::Sqlite) => {
                Ok(vec![Value::Text(text.to_owned()), Value::Text(text.to_owned())])
            }
            (Self::Text(_), Dialect::Postgres) => Ok(vec![Value::Text(text.to_owned())]),
        }
    }

    /// How many values [`KeyType::bind`] gives.
    #[cfg(test)]
    pub(crate) const fn places(&self, dialect: Dialect) -> usize {
        match (self, dialect) {
            (Self::Text(_), Dialect::Sqlite | Dialect::MySql) => 2,
            _ => 1,
        }
    }

    /// An expression that gives the key as text, for [`KeyType::read`].
    pub(crate) fn selected(&self, dialect: Dialect, column: &str) -> String {
        match (self, dialect) {
            (Self::Uuid, Dialect::Sqlite | Dialect::MySql) => format!("LOWER(HEX({column}))"),
            (Self::Text(_), Dialect::MySql) => format!("CONVERT({column} USING utf8mb4)"),
            (_, Dialect::MySql) => format!("CAST({column} AS CHAR)"),
            _ => format!("CAST({column} AS TEXT)"),
        }
    }

    /// The key from what [`KeyType::selected`] gave.
    pub(crate) fn read(&self, text: String) -> UserKey {
        match self {
            Self::Uuid if !text.contains('-') => UserKey::new(with_hyphens(&text)),
            _ => UserKey::new(text),
        }
    }
}

/// Where the hyphens of a UUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The bytes of a UUID in its usual spelling, lower case with hyphens, and of no other.
fn uuid_bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() != 36 {
        return None;
    }
    let mut digits = Vec::with_capacity(32);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'-' if HYPHENS.contains(&at) => {}
            b'0'..=b'9' if !HYPHENS.contains(&at) => digits.push(byte - b'0'),
            b'a'..=b'f' if !HYPHENS.contains(&at) => digits.push(byte - b'a' + 10),
            _ => return None,
        }
    }
    Some(digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect())
}

fn with_hyphens(digits: &str) -> String {
    let mut text = String::with_capacity(36);
    for character in digits.chars() {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_accepted(key_type: &KeyType, dialect: Dialect, key: &str) -> bool {
        match key_type.bind(dialect, &UserKey::new(key)) {
            Ok(values) => {
                assert_eq!(values.len(), key_type.places(dialect));
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::InvalidKey);
                false
            }
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        for good in ["0", "7", "-7", "2147483647", "-2147483648"] {
            assert!(is_accepted(&KeyType::I32, Dialect::Postgres, good), "{good}");
        }
        for bad in ["", "+7", "07", "-0", " 7", "7 ", "7.0", "7e0", "0x7", "2147483648", "٧"] {
            assert!(!is_accepted(&KeyType::I32, Dialect::Postgres, bad), "{bad}");
        }
        assert!(is_accepted(&KeyType::I64, Dialect::MySql, "9223372036854775807"));
        assert!(!is_accepted(&KeyType::I64, Dialect::MySql, "9223372036854775808"));
        assert!(is_accepted(&KeyType::U32, Dialect::MySql, "4294967295"));
        assert!(!is_accepted(&KeyType::U64, Dialect::MySql, "-1"));
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        let good = "00112233-4455-6677-8899-aabbccddeeff";
        let values = KeyType::Uuid.bind(Dialect::MySql, &UserKey::new(good)).unwrap();
        let bytes: Vec<u8> = (0..16).map(|n| n * 0x11).collect();
        assert!(values == [Value::Bytes(bytes)]);
        assert_eq!(KeyType::Uuid.read(good.replace('-', "")), UserKey::new(good));
        assert_eq!(KeyType::Uuid.read(good.to_owned()), UserKey::new(good));
        let bad = [
            good.to_uppercase(),
            good.replace('-', ""),
            format!("{{{good}}}"),
            good.replace('f', "g"),
            "0011223-34455-6677-8899-aabbccddeeff".to_owned(),
        ];
        for bad in bad {
            for dialect in Dialect::ALL {
                assert!(!is_accepted(&KeyType::Uuid, dialect, &bad), "{bad}");
            }
        }
    }

    #[test]
    fn a_text_holds_no_nul() {
        let text = KeyType::Text(TextKeys::new(4));
        for dialect in Dialect::ALL {
            assert!(is_accepted(&text, dialect, "an\u{1f511}a"));
            assert!(!is_accepted(&text, dialect, "a\0b"));
        }
        assert!(!is_accepted(&text, Dialect::MySql, "anna2"), "more than the column holds");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_read_back_the_same(key in "[-+0-9a-f ]{0,38}", number: i64) {
            for key in [key, number.to_string()] {
                for dialect in Dialect::ALL {
                    if let Ok(values) = KeyType::I64.bind(dialect, &UserKey::new(&*key)) {
                        prop_assert!(values == [Value::Integer(key.parse().unwrap())]);
                        prop_assert_eq!(key.parse::<i64>().unwrap().to_string(), key.clone());
                    }
                }
            }
        }
    }
}
