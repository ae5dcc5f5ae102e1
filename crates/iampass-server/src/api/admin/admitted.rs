//! A call of a key that may make it, and what the calls ask of it.

use iampass_core::wire::{AdminScope, Reason};
use iampass_server_storage::{AdminCaller, Application};

use super::answers::scope_missing;
use super::asked::Query;
use crate::app::App;
use crate::path_segments::plain_id;
use crate::problem::Refused;
use crate::request::Incoming;

/// A call of a key that may make it.
pub(super) struct Admitted<'c> {
    pub(super) app: &'c App,
    pub(super) request: &'c Incoming,
    pub(super) caller: AdminCaller,
    /// The scope that the call takes. None for one that each key may make.
    pub(super) scope: Option<AdminScope>,
}

impl Admitted<'_> {
    /// The application of this raw segment of the path. To a key that is limited to one, there are no others.
    pub(super) async fn application(&self, raw: &str) -> Result<Application, Refused> {
        let found = self.app.database.listed_application(&plain_id(raw)).await?;
        let found = found.filter(|found| self.caller.application.is_none_or(|only| only == found.key));
        found.ok_or_else(|| {
            Refused::not_found(Reason::UnknownApplication, "no application that this key may see has this id")
        })
    }

    /// Refuses a key that is limited to one application: the call is about more.
    pub(super) fn of_whole_service(&self) -> Result<(), Refused> {
        match &self.caller.application_id {
            None => Ok(()),
            Some(_) => {
                Err(scope_missing("this key is limited to one application, and the call is about more"))
            }
        }
    }

    /// The actor of the change that the call makes.
    pub(super) fn actor(&self) -> Result<iampass_server_storage::Actor, Refused> {
        // A change without a scope is not made.
        let scope = self.scope.ok_or_else(|| scope_missing("this call makes no change"))?;
        Ok(self.caller.actor(scope))
    }

    /// The parameters of the query. Others than these are refused.
    pub(super) fn query(&self, allowed: &[&'static str]) -> Result<Query, Refused> {
        Query::read(self.request.query(), allowed)
    }
}
