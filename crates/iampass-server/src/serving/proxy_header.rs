//! The header of the PROXY protocol: whom a proxy connects for, said before anything else.
//!
//! The header is read to its last byte and no further. Fields other than addresses are skipped.

use std::net::IpAddr;
use std::time::Duration;

use ppp::{v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::proxies::ProxyProtocol;

/// How long a header may take. A proxy sends it with its first packet.
const LONGEST_TIME: Duration = Duration::from_secs(5);
/// Bytes of the shortest header there is, `PROXY UNKNOWN` and an end of line. The shortest one of version 2 has a byte more.
const SHORTEST: usize = 15;
/// Bytes of a header of version 1, as its specification has it.
const LONGEST_V1: usize = 107;
/// Bytes of a header of version 2 before its addresses.
const HEAD_OF_V2: usize = 16;
/// Bytes of a header of version 2. A proxy may add what it knows of TLS, certificates too.
const LONGEST_V2: usize = 4 * 1024;
/// The bytes that each header of version 2 begins with.
const SIGNATURE_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The version and the command `LOCAL`, in one byte.
const LOCAL_V2: u8 = 0x20;

/// A header that says nothing of a caller: for connections of the service's own.
pub(crate) const OWN_V1: &[u8] = b"PROXY UNKNOWN\r\n";
/// The same in version 2.
pub(crate) const OWN_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// A connection does not begin with a good header in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoHeader;

/// Reads the header. None when it names no address: the connection is the proxy's own, or came to it by a socket of its machine.
pub(super) async fn read<S>(stream: &mut S, protocol: ProxyProtocol) -> Result<Option<IpAddr>, NoHeader>
where
    S: AsyncRead + Unpin,
{
    read_within(LONGEST_TIME, stream, protocol).await
}

async fn read_within<S>(
    limit: Duration,
    stream: &mut S,
    protocol: ProxyProtocol,
) -> Result<Option<IpAddr>, NoHeader>
where
    S: AsyncRead + Unpin,
{
    let read = tokio::time::timeout(limit, read_at_leisure(stream, protocol));
    let named = read.await.map_err(|_| NoHeader)??;
    // A loopback address is the machine of the proxy, and not this one.
    Ok(named.filter(|address| {
        let address = address.to_canonical();
        !address.is_loopback() && !address.is_unspecified()
    }))
}

async fn read_at_leisure<S>(stream: &mut S, protocol: ProxyProtocol) -> Result<Option<IpAddr>, NoHeader>
where
    S: AsyncRead + Unpin,
{
    let mut header = vec![0; SHORTEST];
    stream.read_exact(&mut header).await.map_err(|_| NoHeader)?;
    if header.starts_with(SIGNATURE_V2) && protocol.takes_v2() {
        read_v2(stream, header).await
    } else if header.starts_with(b"PROXY ") && protocol.takes_v1() {
        read_v1(stream, header).await
    } else {
        Err(NoHeader)
    }
}

async fn read_v1<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut header: Vec<u8>,
) -> Result<Option<IpAddr>, NoHeader> {
    while !header.ends_with(b"\r\n") {
        if header.len() >= LONGEST_V1 || header.contains(&b'\n') {
            return Err(NoHeader);
        }
        header.push(stream.read_u8().await.map_err(|_| NoHeader)?);
    }
    match v1::Header::try_from(header.as_slice()).map_err(|_| NoHeader)?.addresses {
        v1::Addresses::Unknown => Ok(None),
        v1::Addresses::Tcp4(addresses) => Ok(Some(addresses.source_address.into())),
        v1::Addresses::Tcp6(addresses) => Ok(Some(addresses.source_address.into())),
    }
}

async fn read_v2<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut header: Vec<u8>,
) -> Result<Option<IpAddr>, NoHeader> {
    header.push(stream.read_u8().await.map_err(|_| NoHeader)?);
    let Some(&[command, _, high, low]) = header.get(SIGNATURE_V2.len()..) else { return Err(NoHeader) };
    let length = HEAD_OF_V2 + usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST_V2 {
        return Err(NoHeader);
    }
    header.resize(length, 0);
    let rest = header.get_mut(HEAD_OF_V2..).ok_or(NoHeader)?;
    stream.read_exact(rest).await.map_err(|_| NoHeader)?;
    if command == LOCAL_V2 {
        return Ok(None);
    }
    let header = v2::Header::try_from(header.as_slice()).map_err(|_| NoHeader)?;
    match (header.protocol, header.addresses) {
        (_, v2::Addresses::Unspecified | v2::Addresses::Unix(_)) => Ok(None),
        (v2::Protocol::Stream, v2::Addresses::IPv4(addresses)) => Ok(Some(addresses.source_address.into())),
        (v2::Protocol::Stream, v2::Addresses::IPv6(addresses)) => Ok(Some(addresses.source_address.into())),
        // No TCP: it came by no connection.
        _ => Err(NoHeader),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: ProxyProtocol = ProxyProtocol::Any;

    /// The address in a header, and how many of the bytes are left.
    async fn read_all(bytes: &[u8], protocol: ProxyProtocol) -> (Result<Option<IpAddr>, NoHeader>, usize) {
        let mut left = bytes;
        let read = read(&mut left, protocol).await;
        (read, left.len())
    }

    fn v2(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [SIGNATURE_V2, &[command, family], &length, addresses].concat()
    }

    #[tokio::test]
    async fn a_good_header_names_the_caller_and_leaves_what_follows() {
        let four = [192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x34, 0, 80];
        let six: Vec<u8> =
            [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[7], &[0; 16], &[0x12, 0x34, 0, 80]].concat();
        // Three further fields: one empty, one short, and one of an unknown kind.
        let with_fields = [&four[..], &[4, 0, 0], &[2, 0, 1, b'x'], &[0xee, 0, 2, 1, 2]].concat();
        for (header, named) in [
            (b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(), Some("192.0.2.7")),
            (b"PROXY TCP6 2001:db8::7 2001:db8::1 4660 80\r\n".to_vec(), Some("2001:db8::7")),
            (OWN_V1.to_vec(), None),
            (b"PROXY UNKNOWN ffff:f::f 10.0.0.1 1 2\r\n".to_vec(), None),
            (v2(0x21, 0x11, &four), Some("192.0.2.7")),
            (v2(0x21, 0x21, &six), Some("2001:db8::7")),
            (v2(0x21, 0x11, &with_fields), Some("192.0.2.7")),
            (OWN_V2.to_vec(), None),
            (v2(0x20, 0x11, &four), None),
            (v2(0x20, 0x77, &[1, 2, 3]), None),
            (v2(0x21, 0, &[]), None),
            (v2(0x21, 0x31, &[0; 216]), None),
            // The machine of the proxy itself.
            (b"PROXY TCP4 127.0.0.1 10.0.0.1 4660 80\r\n".to_vec(), None),
            (b"PROXY TCP6 ::ffff:127.0.0.1 ::1 4660 80\r\n".to_vec(), None),
            (v2(0x21, 0x11, &[0; 12]), None),
        ] {
            let (read, left) = read_all(&[&header[..], b"GET / HTTP/1.1"].concat(), ANY).await;
            assert_eq!(read, Ok(named.map(|named| named.parse().unwrap())), "{header:?}");
            assert_eq!(left, 14, "{header:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        let four = [192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x34, 0, 80];
        let long = |length: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(length - 16)).into_bytes();
        assert_eq!(read_all(&long(107), ANY).await.0, Ok(None));
        let mut bad = vec![
            b"".to_vec(),
            b"GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_vec(),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\x00\x00\x00".to_vec(),
            long(108),
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\n".to_vec(),
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\nX\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4660\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 80 9\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.256 10.0.0.1 4660 80\r\n".to_vec(),
            b"PROXY TCP4 2001:db8::7 10.0.0.1 4660 80\r\n".to_vec(),
            b"PROXY TCP6 192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 99999\r\n".to_vec(),
            b"PROXY TCP4  192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(),
            b"PROXY UDP4 192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(),
            b"proxy TCP4 192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.\xff 10.0.0.1 4660 80\r\n".to_vec(),
            // Another version, another command, another family, datagrams, too short for the addresses, too long, another signature.
            v2(0x11, 0x11, &four),
            v2(0x22, 0x11, &four),
            v2(0x21, 0x41, &four),
            v2(0x21, 0x13, &four),
            v2(0x21, 0x12, &four),
            v2(0x21, 0x11, &four[..11]),
            v2(0x21, 0x21, &four),
            v2(0x20, 0, &[0; LONGEST_V2 - HEAD_OF_V2 + 1]),
            v2(0x21, 0x11, &four).split_off(1),
        ];
        // Cut off anywhere.
        let (one, two) = (b"PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\r\n".to_vec(), v2(0x21, 0x11, &four));
        bad.extend((0..one.len()).filter_map(|end| Some(one.get(..end)?.to_vec())));
        bad.extend((0..two.len()).filter_map(|end| Some(two.get(..end)?.to_vec())));
        for bytes in bad {
            assert_eq!(read_all(&bytes, ANY).await.0, Err(NoHeader), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[tokio::test]
    async fn only_the_version_that_is_set_is_taken() {
        for (protocol, takes_v1, takes_v2) in [
            (ProxyProtocol::Off, false, false),
            (ProxyProtocol::V1, true, false),
            (ProxyProtocol::V2, false, true),
            (ProxyProtocol::Any, true, true),
        ] {
            assert_eq!(read_all(OWN_V1, protocol).await.0.is_ok(), takes_v1);
            assert_eq!(read_all(OWN_V2, protocol).await.0.is_ok(), takes_v2);
        }
    }

    #[tokio::test]
    async fn a_header_that_does_not_end_is_not_waited_for_for_ever() {
        let soon = Duration::from_millis(50);
        for begun in [&b""[..], b"PROXY UNKNOWN x", OWN_V2.get(..15).unwrap()] {
            let (mut near, mut far) = tokio::io::duplex(64);
            tokio::io::AsyncWriteExt::write_all(&mut far, begun).await.unwrap();
            assert_eq!(read_within(soon, &mut near, ANY).await, Err(NoHeader));
        }
    }
}
