//! Two nodes of a session store with a defect, as the suite sees them.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::SessionToken;
use iampass_core::port::{BoxError, SessionStore};
use iampass_testkit::store_suite::{HookOutcome, StoreUnderTest};

use crate::defective_sessions::DefectiveSessions;
use crate::defective_shared::SharedDefect;
use crate::session_defect::SessionDefect;

pub(crate) struct Nodes([Arc<DefectiveSessions>; 2]);

impl Nodes {
    pub(crate) fn new(defect: SessionDefect) -> Self {
        let first = DefectiveSessions::new(defect);
        let second = match defect {
            SessionDefect::NodesShareNothing | SessionDefect::Shared(SharedDefect::NodesShareNothing) => {
                DefectiveSessions::new(defect)
            }
            _ => first.clone(),
        };
        Self([first, second])
    }
}

#[async_trait]
impl StoreUnderTest<dyn SessionStore> for Nodes {
    fn node(&self, number: usize) -> Arc<dyn SessionStore> {
        self.0[number].clone()
    }

    async fn damage_session(&self, session: &SessionToken) -> Result<HookOutcome, BoxError> {
        let mut rows = self.0[0].rows.lock().unwrap();
        rows.get_mut(session).ok_or("it is not there")?.damaged = true;
        Ok(HookOutcome::Done)
    }
}
