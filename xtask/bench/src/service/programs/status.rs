//! Status questions about sessions that are active.

use std::sync::Arc;

use super::super::line::Line;
use super::super::logins::ROUND;
use super::super::{Phone, Session, Shop};
use crate::Failure;
use crate::load::{Question, requests_per_second};

/// Active sessions, one of each user.
pub(super) struct Sessions {
    address: String,
    all: Arc<[Session]>,
}

impl Sessions {
    /// Logs in each of these users.
    pub(super) async fn of(shop: &Shop, phones: &[Phone]) -> Result<Self, Failure> {
        let mut line = shop.line().await?;
        let mut all = Vec::with_capacity(phones.len());
        for phone in phones {
            all.push(shop.log_in(&mut line, phone).await?);
        }
        Ok(Self { address: shop.address.clone(), all: all.into() })
    }

    /// Signed questions that are answered in a second, over as many connections as there are sessions.
    pub(super) async fn per_second(&self) -> Result<f64, Failure> {
        let all = Arc::clone(&self.all);
        let ask: Question = Arc::new(move |connection| {
            let at = usize::try_from(connection).unwrap_or_default() % all.len().max(1);
            let Some(session) = all.get(at) else { return Vec::new() };
            let request = Line::request("GET", &session.status_url, Some(&session.pair), "");
            request.map(String::into_bytes).unwrap_or_default()
        });
        requests_per_second(&self.address, self.all.len() as u64, ROUND, &ask).await
    }
}
