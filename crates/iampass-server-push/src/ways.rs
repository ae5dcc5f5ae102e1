//! [`Ways`]: the ways that a node has, as one.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_server_domain::push::{PushError, PushErrorKind, PushService};

use crate::port::{Push, PushRequest};

/// Picks the way by the address.
#[derive(Clone, Debug, Default)]
pub struct Ways(Vec<(PushService, Arc<dyn Push>)>);

impl Ways {
    /// The same with this way. A second one to the same service takes the place of the first.
    #[must_use]
    pub fn with(mut self, service: PushService, way: Arc<dyn Push>) -> Self {
        self.0.retain(|(known, _)| *known != service);
        self.0.push((service, way));
        self
    }

    /// The way to this service.
    #[must_use]
    pub fn to(&self, service: PushService) -> Option<&Arc<dyn Push>> {
        self.0.iter().find(|(known, _)| *known == service).map(|(_, way)| way)
    }

    /// The services that it reaches.
    pub fn services(&self) -> impl Iterator<Item = PushService> {
        self.0.iter().map(|(service, _)| *service)
    }
}

#[async_trait]
impl Push for Ways {
    async fn push(&self, request: &PushRequest<'_>) -> Result<(), PushError> {
        match self.to(request.address.service()) {
            Some(way) => way.push(request).await,
            None => Err(PushErrorKind::NoWay.into()),
        }
    }
}
