//! The page about a lost phone, and replacing it after a wait. Does not belong here: adding a phone to those that are left
//! ([`crate::adding_phone`]). All of it is off unless the application switches it on: a session alone must not be enough to replace a phone.

use std::time::Duration;

use iampass_core::port::{SharedKey, StoreError, UserKey};
use iampass_core::wire::Reason;
use iampass_core::{UnixMillis, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::admission::{Admission, Refusal};
use crate::answer::HttpAnswer;
use crate::attempts::Subject;
use crate::cookies::Name;
use crate::directory::Notice;
use crate::known_browsers::Forgotten;
use crate::login_web::LoginWeb;
use crate::pages::{LostPhonePage, LostPhoneProblem, LostPhoneState, MessagePage};
use crate::random_text::random_text;
use crate::request::{Headers, Request};
use crate::same_site;
use crate::shared_entry::Change;

/// For how long the replacement can be done once its time has come.
const OPEN: Duration = Duration::from_secs(7 * 24 * 3_600);

/// For how long it may be carried out: longer than any call to the service takes.
const UNDER_WAY: Duration = Duration::from_secs(5 * 60);

/// A replacement that was asked for, as all nodes know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replacement {
    id: String,
    /// After this a phone of the user that does anything ends it. An entry of a version that did not note it counts any phone as used.
    #[serde(default = "never")]
    asked_at: UnixSeconds,
    ready_at: UnixSeconds,
    /// A request carries it out until then.
    #[serde(default = "never")]
    busy_until: UnixSeconds,
}

const fn never() -> UnixSeconds {
    UnixSeconds(0)
}

impl Replacement {
    /// It can be done no longer.
    fn expires_at(&self) -> UnixMillis {
        UnixMillis(self.ready_at.plus(OPEN).0.saturating_mul(1_000))
    }
}

/// How a request that carried it out ends.
#[derive(Clone, Copy)]
enum Left {
    /// The phone is replaced.
    Done,
    /// Nothing is known to be done.
    ToTryAgain,
}

/// The content of the cookie of the browser that asked for it, sealed.
#[derive(Serialize, Deserialize)]
struct ReplacementCookie {
    id: String,
    user: String,
}

fn key(user: &UserKey) -> SharedKey {
    Subject::from(user).key("replacement")
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    async fn replacement_of(&self, user: &UserKey) -> Result<Option<Replacement>, StoreError> {
        self.entries().load(&key(user)).await
    }

    /// The replacement that this browser asked for, if it still goes on.
    async fn own_replacement(&self, request: &Request) -> Result<Option<(UserKey, Replacement)>, StoreError> {
        let cookies = request.headers.cookie.as_deref();
        let cookie: Option<ReplacementCookie> = self.config().cookies.open(Name::Replacement, cookies);
        let Some(cookie) = cookie else { return Ok(None) };
        let user = UserKey::new(cookie.user);
        let found = self.replacement_of(&user).await?.filter(|replacement| replacement.id == cookie.id);
        Ok(found.map(|replacement| (user, replacement)))
    }

    /// `GET lost-phone`
    pub(crate) async fn lost_phone_page(&self, request: &Request) -> HttpAnswer {
        match self.lost_phone_state(request).await {
            Ok((name, state)) => {
                self.show_lost_phone(&request.headers, 200, name.as_deref(), state, "", None)
            }
            Err(answer) => answer,
        }
    }

    /// The same page, with why nothing was done.
    pub(crate) async fn show_problem(
        &self,
        status: u16,
        request: &Request,
        login_name: &str,
        problem: LostPhoneProblem,
    ) -> HttpAnswer {
        let answer = match self.lost_phone_state(request).await {
            Ok((name, state)) => self.show_lost_phone(
                &request.headers,
                status,
                name.as_deref(),
                state,
                login_name,
                Some(problem),
            ),
            Err(answer) => return answer,
        };
        match problem {
            LostPhoneProblem::TooMany { wait_seconds } => {
                answer.with("retry-after", wait_seconds.to_string())
            }
            LostPhoneProblem::ServiceUnreachable => answer.with("retry-after", "5"),
            _ => answer,
        }
    }

    /// The user's name, where it is known who it is, and what is possible about a replacement.
    async fn lost_phone_state(
        &self,
        request: &Request,
    ) -> Result<(Option<String>, LostPhoneState), HttpAnswer> {
        let ways = self.config().lost_phone;
        if ways.is_off() {
            return Ok((None, LostPhoneState::NotOffered));
        }
        let not_known = |error: StoreError| {
            tracing::error!(%error, "a replacement of a phone could not be looked up");
            self.unavailable(&request.headers)
        };
        if ways.wait().is_some()
            && let Some((user, replacement)) = self.own_replacement(request).await.map_err(not_known)?
        {
            let user = self.directory().load(&user).await.map_err(|_| self.unavailable(&request.headers))?;
            let name = user.map(|user| self.directory().display_name(&user));
            return Ok((name, self.state_of(&replacement, true)));
        }
        let (live, user) = match self.current(request.headers.cookie.as_deref(), None).await {
            Ok(admitted) => admitted,
            Err(Refusal::Unavailable) => return Err(self.unavailable(&request.headers)),
            Err(_) => return Ok((None, LostPhoneState::SignIn)),
        };
        let name = Some(self.directory().display_name(&user));
        let Some(wait) = ways.wait() else { return Ok((name, LostPhoneState::SignedIn)) };
        let state = match self.replacement_of(live.user()).await.map_err(not_known)? {
            Some(replacement) => self.state_of(&replacement, false),
            None => LostPhoneState::Offer { wait_seconds: wait.as_secs() },
        };
        Ok((name, state))
    }

    fn state_of(&self, replacement: &Replacement, is_own: bool) -> LostPhoneState {
        let left = replacement.ready_at.since(self.client().now().wall).as_secs();
        match (left, is_own) {
            (0, true) => LostPhoneState::Ready,
            (seconds_left, _) => LostPhoneState::Waiting { seconds_left, is_own },
        }
    }

    fn show_lost_phone(
        &self,
        headers: &Headers,
        status: u16,
        name: Option<&str>,
        state: LostPhoneState,
        login_name: &str,
        problem: Option<LostPhoneProblem>,
    ) -> HttpAnswer {
        let page = LostPhonePage { name, state, ways: self.config().lost_phone, login_name, problem };
        HttpAnswer::page(status, self.config().pages.lost_phone(self.config().site_for(headers), &page))
    }

    /// `POST lost-phone`: asks for a replacement, or does it when its time has come.
    pub(crate) async fn lost_phone(&self, request: &Request) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        let Some(wait) = self.config().lost_phone.wait() else {
            return self.lost_phone_is_off(&request.headers);
        };
        let here = self.config().site.links.lost_phone();
        match self.own_replacement(request).await {
            Ok(Some((user, replacement))) if replacement.ready_at <= self.client().now().wall => {
                return self.replace_phone(request, &user, &replacement).await;
            }
            Ok(Some(_)) => return HttpAnswer::see_other(here),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "a replacement of a phone could not be looked up");
                return self.unavailable(&request.headers);
            }
        }
        let live = match self.admit_fresh(&request.headers, &here, Duration::ZERO).await {
            Admission::In(live, _) => live,
            Admission::Answer(answer) => return answer,
        };
        let Some(id) = random_text() else { return self.unavailable(&request.headers) };
        let asked_at = self.client().now().wall;
        let ready_at = asked_at.plus(wait);
        let asked = Replacement { id, asked_at, ready_at, busy_until: never() };
        let key = key(live.user());
        let stored = self.entries().update(&key, |replacement: Option<Replacement>| match replacement {
            Some(_) => Change::Leave(false),
            None => Change::Put { value: asked.clone(), expires_at: asked.expires_at(), told: true },
        });
        match stored.await {
            Ok(true) => {}
            // Another browser has asked. This one can stop it, and then ask itself.
            Ok(false) => return HttpAnswer::see_other(here),
            Err(error) => {
                tracing::error!(%error, "a replacement of a phone could not be stored");
                return self.unavailable(&request.headers);
            }
        }
        tracing::warn!(target: "iampass::audit", user = %live.user_token(), "replacing a phone was asked for");
        self.directory().notify(live.user(), &Notice::PhoneReplacementAsked { ready_at }).await;
        let cookie = ReplacementCookie { id: asked.id, user: live.user().as_str().to_owned() };
        let lasts = (wait + OPEN).as_secs();
        match self.config().cookies.sealed(Name::Replacement, &cookie, lasts) {
            Some(cookie) => HttpAnswer::see_other(here).with_cookie(&cookie),
            None => HttpAnswer::see_other(here),
        }
    }

    async fn replace_phone(
        &self,
        request: &Request,
        user: &UserKey,
        replacement: &Replacement,
    ) -> HttpAnswer {
        let name = match self.directory().load(user).await {
            Ok(Some(user)) => self.directory().display_name(&user),
            Ok(None) => return self.lost_phone_is_off(&request.headers),
            Err(error) => {
                tracing::error!(%error, "the user directory failed");
                return self.unavailable(&request.headers);
            }
        };
        if let Err(error) = self.directory().before_all_sessions_end(user).await {
            tracing::error!(%error, "a phone is not replaced: the access that its user's sessions gave out could not be ended");
            return self.unavailable(&request.headers);
        }
        // A copy of an earlier ticket must not register a phone once this one is gone.
        let before = UnixMillis(self.client().now().unix_millis().0.saturating_sub(1));
        if let Err(error) = self.tickets().spend_until(user, before).await {
            tracing::error!(%error, "a phone is not replaced: earlier tickets could not be made worthless");
            return self.unavailable(&request.headers);
        }
        let token = match self.client().token_store() {
            Some(tokens) => tokens.token_for(user).await,
            None => Ok(None),
        };
        let Ok(Some(token)) = token else { return self.unavailable(&request.headers) };
        // Of two requests one goes on. The entry stands there meanwhile, so that it can be stopped, and tried again where this node fails.
        let now = self.client().now().wall;
        let key = key(user);
        let used = self.entries().update(&key, |current: Option<Replacement>| match current {
            Some(current) if current.id == replacement.id && current.busy_until <= now => {
                let expires_at = current.expires_at();
                Change::Put {
                    value: Replacement { busy_until: now.plus(UNDER_WAY), ..current },
                    expires_at,
                    told: true,
                }
            }
            _ => Change::Leave(false),
        });
        match used.await {
            Ok(true) => {}
            Ok(false) => return HttpAnswer::see_other(self.config().site.links.lost_phone()),
            Err(error) => {
                tracing::error!(%error, "a replacement of a phone could not be looked up");
                return self.unavailable(&request.headers);
            }
        }
        match self.client().lost_device_since(&token, replacement.asked_at).await {
            Ok(link) => {
                // Somebody who has stopped it meanwhile must not see another get the link. It is given to no browser then.
                match self.leave(user, replacement, Left::Done).await {
                    Ok(true) => {}
                    Ok(false) => return HttpAnswer::see_other(self.config().site.links.lost_phone()),
                    Err(error) => {
                        tracing::error!(%error, "it is not known whether replacing a phone was stopped, so its link is given to nobody");
                        return self.unavailable(&request.headers);
                    }
                }
                tracing::warn!(target: "iampass::audit", user = %token, "a phone was replaced");
                self.directory().notify(user, &Notice::PhoneReplaced).await;
                if let Err(error) = self.known_browsers().forget(user, Forgotten::All).await {
                    tracing::warn!(%error, "the known browsers of a user whose phone was replaced stay known");
                }
                self.enrolment(&request.headers, user, &name, &self.config().home.clone(), Some(&link))
                    .with_cookie(&self.config().cookies.removal(Name::Replacement))
                    .with_cookie(&self.config().cookies.removal(Name::Session))
            }
            // The phone is not lost, or somebody else has asked.
            Err(error) if error.reason() == Some(&Reason::PhoneInUse) => {
                if let Err(error) = self.end_replacement(user).await {
                    tracing::error!(%error, "a replacement of a phone that is in use could not be ended");
                    return self.unavailable(&request.headers);
                }
                self.show_problem(409, request, "", LostPhoneProblem::PhoneInUse).await
            }
            Err(error) => {
                tracing::error!(%error, "it is not known whether a lost phone was disabled");
                // It can be tried again, unless it was stopped.
                if let Err(error) = self.leave(user, replacement, Left::ToTryAgain).await {
                    tracing::error!(%error, "a replacement of a phone has to be asked for again");
                }
                self.unavailable(&request.headers)
            }
        }
    }

    /// The request that carried it out is over; false where it was stopped meanwhile.
    async fn leave(&self, user: &UserKey, carried_out: &Replacement, left: Left) -> Result<bool, StoreError> {
        let key = key(user);
        let update = self.entries().update(&key, |current: Option<Replacement>| match current {
            Some(current) if current.id == carried_out.id => {
                let expires_at = match left {
                    Left::Done => UnixMillis(0),
                    Left::ToTryAgain => current.expires_at(),
                };
                let value = Replacement { busy_until: never(), ..current };
                Change::Put { value, expires_at, told: true }
            }
            _ => Change::Leave(false),
        });
        update.await
    }

    /// `POST lost-phone/stop`
    pub(crate) async fn stop_replacement(&self, request: &Request) -> HttpAnswer {
        if !same_site::is_from(&self.config().origin, &request.headers) {
            return self.refused_cross_site(&request.headers);
        }
        let here = self.config().site.links.lost_phone();
        let live = match self.admit(&request.headers, &here).await {
            Admission::In(live, _) => live,
            Admission::Answer(answer) => return answer,
        };
        match self.end_replacement(live.user()).await {
            Ok(()) => {
                HttpAnswer::see_other(here).with_cookie(&self.config().cookies.removal(Name::Replacement))
            }
            Err(error) => {
                tracing::error!(%error, "a replacement of a phone could not be stopped");
                self.unavailable(&request.headers)
            }
        }
    }

    /// Ends a replacement that was asked for: the user has the phone.
    pub(crate) async fn end_replacement(&self, user: &UserKey) -> Result<(), StoreError> {
        if self.config().lost_phone.wait().is_none() {
            return Ok(());
        }
        let key = key(user);
        let is_ended = self.entries().update(&key, |replacement: Option<Replacement>| match replacement {
            Some(replacement) => Change::Put { value: replacement, expires_at: UnixMillis(0), told: true },
            None => Change::Leave(false),
        });
        if is_ended.await? {
            self.audit_stopped(user).await;
            self.directory().notify(user, &Notice::PhoneReplacementStopped).await;
        }
        Ok(())
    }

    /// The line of the log names whose phone it is, as the others do.
    async fn audit_stopped(&self, user: &UserKey) {
        let token = match self.client().token_store() {
            Some(tokens) => tokens.token_for(user).await.ok().flatten(),
            None => None,
        };
        let user = token.map(|token| token.to_string()).unwrap_or_default();
        tracing::warn!(target: "iampass::audit", user, "replacing a phone was stopped");
    }

    pub(crate) fn lost_phone_is_off(&self, headers: &Headers) -> HttpAnswer {
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let page = MessagePage { title: &texts.lost_title, text: &texts.lost_help, link: None };
        HttpAnswer::page(404, self.config().pages.message(site, &page))
    }
}
