//! Protocol buffers, as much as Chromium's stream takes.

pub(super) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(u8::try_from(number & 127).unwrap_or(0) | 128);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
    bytes
}

pub(super) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

pub(super) fn fixed(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3 | 1), value.to_le_bytes().to_vec()].concat()
}

pub(super) fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// The number at the beginning, and how many bytes it has. None while it is not all there.
pub(super) fn read_varint(from: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (place, byte) in from.iter().enumerate().take(10) {
        value |= u64::from(byte & 127) << (7 * place);
        if byte & 128 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

/// The text of a field, in a message that begins with it.
pub(super) fn first_text(message: &[u8]) -> Option<String> {
    let (_, tag) = read_varint(message)?;
    let rest = message.get(tag..)?;
    let (length, head) = read_varint(rest)?;
    let text = rest.get(head..head + usize::try_from(length).ok()?)?;
    String::from_utf8(text.to_vec()).ok()
}
