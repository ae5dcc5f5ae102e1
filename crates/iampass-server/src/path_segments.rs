//! Reading what stands between the slashes of a path and between the ampersands of a query.
//!
//! The raw text is split first and decoded after, so that `%2F` belongs to a user id and not to the path \[P\]. In both places
//! `+` is a space and `%2B` a plus, because the published client form-encodes ids in paths too \[P\].

/// The character that no text of ours holds: PostgreSQL stores none with it.
const NONE: char = '\0';

/// A text that is not percent-encoded UTF-8, or holds the character zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotDecodable;

/// Decodes one segment of a path, or one name or value of a query.
pub(crate) fn decode(raw: &str) -> Result<String, NotDecodable> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(raw.to_owned());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(rest.next())? << 4 | hexadecimal(rest.next())?,
            other => other,
        });
    }
    String::from_utf8(bytes)
        .map_err(|_| NotDecodable)
        .and_then(|text| if text.contains(NONE) { Err(NotDecodable) } else { Ok(text) })
}

/// Reads an id that stands in a header too. One that cannot be decoded is empty, and so unknown.
pub(crate) fn plain_id(raw: &str) -> String {
    decode(raw).unwrap_or_default()
}

fn hexadecimal(digit: Option<u8>) -> Result<u8, NotDecodable> {
    let value = digit.and_then(|digit| char::from(digit).to_digit(16)).ok_or(NotDecodable)?;
    u8::try_from(value).map_err(|_| NotDecodable)
}

/// Why the value of a parameter cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadQuery {
    NotDecodable,
    /// Two readers might take different ones.
    Repeated,
}

/// The value of the parameter `name` in a raw query, form-decoded; unknown parameters are left alone.
pub(crate) fn parameter(raw_query: Option<&str>, name: &str) -> Result<Option<String>, BadQuery> {
    let mut found = None;
    for pair in raw_query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(key).map_err(|_| BadQuery::NotDecodable)? != name {
            continue;
        }
        if found.is_some() {
            return Err(BadQuery::Repeated);
        }
        found = Some(decode(value).map_err(|_| BadQuery::NotDecodable)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_as_the_published_client_encodes_them() {
        for (raw, id) in [
            ("a+b%2Fc%40d%2B%C3%A9%3F%26%3D%25", "a b/c@d+é?&=%"),
            ("a%20b", "a b"),
            (".", "."),
            ("..", ".."),
            ("%2E%2e", ".."),
            ("%2A~", "*~"),
            ("", ""),
            ("é", "é"),
        ] {
            assert_eq!(decode(raw).as_deref(), Ok(id), "{raw:?}");
        }
        for raw in ["%", "%4", "%zz", "a%+1", "%ff", "%C3", "%-1", "%C3%28", "a%00"] {
            assert_eq!(decode(raw), Err(NotDecodable), "{raw:?}");
        }
    }

    #[test]
    fn a_parameter_is_there_once_or_not_at_all() {
        let query = Some("methods=acceptance%2Cdevice&&empty=&flag&x=a+b");
        assert_eq!(parameter(query, "methods"), Ok(Some("acceptance,device".into())));
        assert_eq!(parameter(query, "empty"), Ok(Some(String::new())));
        assert_eq!(parameter(query, "flag"), Ok(Some(String::new())));
        assert_eq!(parameter(query, "x"), Ok(Some("a b".into())));
        assert_eq!(parameter(query, "none"), Ok(None));
        assert_eq!(parameter(None, "methods"), Ok(None));
        assert_eq!(parameter(Some("a=1&%61=2"), "a"), Err(BadQuery::Repeated));
        assert_eq!(parameter(Some("a=%"), "a"), Err(BadQuery::NotDecodable));
        assert_eq!(parameter(Some("b=%"), "a"), Ok(None));
    }
}
