//! The ground on which attacks are tried: one service and a site, and users that no two attacks share.

use std::sync::atomic::{AtomicUsize, Ordering};

use iampass_web::LostPhone;

use crate::service::{Service, Shop};
use crate::site::Site;
use crate::verdict::Failure;

/// For things that happen at once, on a busy machine.
pub(crate) const SOON: std::time::Duration = std::time::Duration::from_secs(20);

/// One service as its own process, two of its applications, and the login pages of a third.
pub(crate) struct Ground {
    pub(crate) service: Service,
    /// Approvals need the code.
    pub(crate) shop: Shop,
    /// A tap is enough.
    pub(crate) tap: Shop,
    /// An application with login pages, whose approvals need the code.
    pub(crate) site: Site,
    /// The same, where users can add a phone by a recovery code or by another phone.
    pub(crate) helping: Site,
    users: AtomicUsize,
}

impl Ground {
    pub(crate) async fn new() -> Result<Self, Failure> {
        // One machine stands for a whole network here, so what it gets wrong is not counted against it: the service counts nothing for its
        // own machine in any case.
        let (service, [shop, tap, pages, helping]) =
            Service::start(["code", "tap", "code", "code"], &["--console", "invited"])?;
        let site = Site::start(pages, LostPhone::Off).await?;
        let helping = Site::start(helping, [LostPhone::RecoveryCode, LostPhone::OtherPhone]).await?;
        Ok(Self { service, shop, tap, site, helping, users: AtomicUsize::new(0) })
    }

    /// A name that no other attack has.
    pub(crate) fn user(&self, what: &str) -> String {
        format!("{what}-{}", self.users.fetch_add(1, Ordering::Relaxed))
    }
}
