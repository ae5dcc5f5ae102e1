//! The description of the IAMPASS service: an OpenAPI 3.1 document with every call, its parameters, its answers and its refusals.
//!
//! It is written by hand beside the code and held to it by tests: every route is described (the compiler asks for it), every schema says
//! what its wire type reads and writes, every example is read by its wire type, and every answer that the tests of the service get
//! is one of those described (`tests/service/contract.rs`).
//!
//! To add a call: its route goes into `call_route.rs`, its description into the file of its API, and the schemas of new
//! wire types into `schemas/`, with a sample each in `schemas/samples.rs`.
//!
//! ```
//! let document = iampass_server_openapi::document("https://login.example");
//! assert!(document.paths.paths.contains_key("/authentication/session/{token}/status"));
//! ```
//!
//! # What it does not do
//! It serves nothing and shows nothing to people: both are the service's, `iampass-server`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod admin;
mod authentication;
mod call_route;
mod described;
mod heading;
mod management;
mod members;
mod operations;
mod phone;
mod phones;
mod presence;
mod refusals;
mod schemas;
mod signing;
#[cfg(test)]
mod tests;
mod unlock;

use utoipa::openapi::path::PathsBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, HttpMethod, InfoBuilder, License, OpenApi, OpenApiBuilder, Server};

pub use call_route::{CallMethod, CallRoute};
use described::Described;
use heading::Heading;

/// The document, for a service whose URLs begin with `base`.
#[must_use]
pub fn document(base: &str) -> OpenApi {
    let mut paths = PathsBuilder::new().build();
    for &call in CallRoute::ALL {
        let method = match call.method() {
            CallMethod::Get => HttpMethod::Get,
            CallMethod::Post => HttpMethod::Post,
        };
        paths.add_path_operation(call.pattern(), vec![method], describe(call).into_operation(call.pattern()));
    }
    for (pattern, described) in operations::all() {
        paths.add_path_operation(pattern, vec![HttpMethod::Get], described.into_operation(pattern));
    }
    let mut components = ComponentsBuilder::new();
    for (name, schema) in schemas::all() {
        components = components.schema(name, schema);
    }
    for (name, response) in refusals::shared() {
        components = components.response(name, response);
    }
    for (name, scheme) in signing::schemes() {
        components = components.security_scheme(name, scheme);
    }
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("IAMPASS")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license));
    let tags = Heading::ALL.map(|heading| {
        TagBuilder::new().name(heading.name()).description(Some(heading.description())).build()
    });
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(base)]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

/// Every call has its description: the compiler demands one for a new call.
fn describe(call: CallRoute) -> Described {
    match call {
        CallRoute::AddUsers => management::add_users(),
        CallRoute::DeleteUsers => management::delete_users(),
        CallRoute::RegistrationLink => management::registration_link(),
        CallRoute::RegistrationSms => management::registration_sms(),
        CallRoute::RegistrationMail => management::registration_mail(),
        CallRoute::HasDevice => management::has_device(),
        CallRoute::LostDevice => management::lost_device(),
        CallRoute::RecoveryLink => management::recovery_link(),
        CallRoute::AuthenticateUser => authentication::authenticate_user(),
        CallRoute::StartLogin => authentication::start_login(),
        CallRoute::ReturnLogin => authentication::return_login(),
        CallRoute::SessionStatus => authentication::session_status(),
        CallRoute::SessionStream => authentication::session_stream(),
        CallRoute::SessionLogout => authentication::session_logout(),
        CallRoute::Register => phone::register(),
        CallRoute::PendingRequests => phone::pending_requests(),
        CallRoute::ActiveSessions => phone::active_sessions(),
        CallRoute::DeviceConfiguration => phone::configuration(),
        CallRoute::PhoneList => phones::list(),
        CallRoute::ChangePhones => phones::change(),
        CallRoute::AddPhone => phones::link(),
        CallRoute::RecoveryCodes => phones::recovery_codes(),
        CallRoute::WaitingPhone => phones::waiting(),
        CallRoute::RecoverPhone => phones::recover(),
        CallRoute::BringRequest => phone::bring(),
        CallRoute::BeginUnlock => unlock::begin(),
        CallRoute::FinishUnlock => unlock::finish(),
        CallRoute::PhonePresence => presence::say(),
        CallRoute::DeviceUnregister => phone::unregister(),
        CallRoute::TrainingData => phone::training_data(),
        CallRoute::PhoneLogsOut => phone::log_out(),
        CallRoute::PhoneWalksAway => phone::walk_away(),
        CallRoute::PhoneReturns => phone::come_back(),
        CallRoute::PickUp => phone::pick_up(),
        CallRoute::ChallengeUnlock => unlock::challenge(),
        CallRoute::Identify => phone::identify(),
        CallRoute::AdminKey => admin::key(),
        CallRoute::AdminApplications => admin::applications(),
        CallRoute::AdminAddApplication => admin::add_application(),
        CallRoute::AdminApplication => admin::show_application(),
        CallRoute::AdminRename => admin::rename(),
        CallRoute::AdminConfigure => admin::configure(),
        CallRoute::AdminRotate => admin::rotate(),
        CallRoute::AdminEndOverlap => admin::end_overlap(),
        CallRoute::AdminDisable => admin::disable(),
        CallRoute::AdminEnable => admin::enable(),
        CallRoute::AdminDelete => admin::delete(),
        CallRoute::AdminUsers => admin::users(),
        CallRoute::AdminAddUsers => admin::add_users(),
        CallRoute::AdminUser => admin::show_user(),
        CallRoute::AdminDeleteUser => admin::delete_user(),
        CallRoute::AdminLinkUser => admin::link_user(),
        CallRoute::AdminPhoneLost => admin::phone_lost(),
        CallRoute::AdminRemovePhones => admin::remove_phones(),
        CallRoute::AdminLogOutUser => admin::log_out_user(),
        CallRoute::AdminSessions => admin::sessions(),
        CallRoute::AdminEndSession => admin::end_session(),
        CallRoute::AdminHistory => admin::history(),
        CallRoute::AdminAuditLog => admin::audit_log(),
        CallRoute::AdminAccounts => admin::accounts(),
        CallRoute::AdminDisableAccount => admin::disable_account(),
        CallRoute::AdminEnableAccount => admin::enable_account(),
        CallRoute::AdminLogOutAccount => admin::log_out_account(),
        CallRoute::AdminService => admin::service(),
    }
}

const DESCRIPTION: &str = "\
IAMPASS logs people in without a password. The application asks the service to log a user in, the service asks the user's phone, the \
user accepts, and the application sees its session become `active`.

A login takes four calls: `add_users` makes the user known, `device_registration_link` gives the link that registers their phone, \
`authenticate_user` starts a session, and its `status_url` says what became of it. **Only `active` lets anybody in.** An error says \
nothing about a session: never take it for `active`, nor for the end.

All answers are JSON. One that says no has the members `status` (false), `reason` (a code for programs) and `message` (a sentence for \
people). Ignore members that you do not know, and treat a word that you do not know as a no. All times are seconds since 1970.";
