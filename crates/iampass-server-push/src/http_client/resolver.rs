//! [`CheckedResolver`]: looks up a name, and gives out only addresses that may be called.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::endpoint::Reach;

/// The client connects to the addresses that this gives it and looks nothing up itself, so a name that changes its address between the check
/// and the connection gains nothing.
#[derive(Debug)]
pub(super) struct CheckedResolver {
    reach: Reach,
}

/// All addresses of a name are such as may not be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not of the public internet")]
pub(super) struct NotAllowed;

impl CheckedResolver {
    pub(super) const fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            // Port 0 stands for the port of the URL.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(allowed(found, reach)?)
        })
    }
}

/// The addresses, if all of them may be called: a name with one address outside and one inside is up to no good.
fn allowed(found: Vec<SocketAddr>, reach: Reach) -> Result<Addrs, NotAllowed> {
    if found.iter().all(|address| reach.allows(address.ip())) {
        Ok(Box::new(found.into_iter()))
    } else {
        Err(NotAllowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(addresses: &[&str], reach: Reach) -> Option<usize> {
        let found = addresses.iter().map(|address| address.parse().unwrap()).collect();
        allowed(found, reach).ok().map(Iterator::count)
    }

    #[test]
    fn a_name_with_an_address_inside_is_not_called() {
        assert_eq!(judged(&["1.1.1.1:0", "[2606:4700::1111]:0"], Reach::Public), Some(2));
        for inside in [
            "127.0.0.1:0",
            "10.0.0.1:0",
            "169.254.169.254:0",
            "[::1]:0",
            "[::ffff:127.0.0.1]:0",
            "[fe80::1]:0",
        ] {
            assert_eq!(judged(&[inside], Reach::Public), None, "{inside}");
            assert_eq!(judged(&["1.1.1.1:0", inside], Reach::Public), None, "{inside}");
            assert_eq!(judged(&[inside], Reach::Everywhere), Some(1), "{inside}");
        }
    }
}
