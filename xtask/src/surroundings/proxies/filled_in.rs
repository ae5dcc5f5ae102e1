//! Texts of configuration with other names, ports and folders in them.

/// `text` with the second of each pair in place of the first.
///
/// The text is read once, from its beginning. A text that was put in is not read again: a folder that has
/// a port's digits in its name stays as it is.
pub(super) fn filled_in(text: &str, all: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((from, to)) = all.iter().find(|(from, _)| rest.starts_with(from)) {
            filled.push_str(to);
            rest = &rest[from.len()..];
        } else {
            filled.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::filled_in;

    #[test]
    fn a_port_in_the_name_of_a_folder_stays() {
        let text = "bind :443 ssl crt /etc/ssl/both.pem\nserver 127.0.0.1:8089";
        let all = [("/etc/ssl/", "/tmp/14434-8089/"), ("443", "18089"), ("8089", "44380")];
        assert_eq!(
            filled_in(text, &all),
            "bind :18089 ssl crt /tmp/14434-8089/both.pem\nserver 127.0.0.1:44380"
        );
    }
}
