//! The rules: which paths are for which users. Belongs here: from a request to what is demanded of its sender. Does not belong here: who the sender
//! is ([`crate::users`]), and the answer ([`crate::check`]).

mod allowed;
mod pattern;

pub use allowed::{Allowed, InvalidAllowed, Who};
pub use pattern::{Comparison, InvalidPattern, Pattern};

use crate::path::{ReadPath, Segment};
use crate::users::User;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The paths that it is about.
    pub path: Pattern,
    /// The methods that it is about, in upper case; all where there is none. `GET` stands for `HEAD` as well.
    pub methods: Vec<String>,
    /// The users who may come in.
    pub allowed: Allowed,
}

/// All rules, in order, and what holds where none fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The first that fits counts.
    pub rules: Vec<Rule>,
    /// Where none fits.
    pub otherwise: Allowed,
}

/// Methods that each server knows for what they are.
const USUAL_METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The method of a request, as far as it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedMethod<'a> {
    /// This one.
    Known(&'a str),
    /// The site may take it for another one, by a header that says so.
    Unclear,
}

/// The demands that a request has to meet, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Demand<'a>(Vec<&'a Allowed>);

impl Demand<'_> {
    /// Whether a person without a login may come in.
    #[must_use]
    pub fn lets_strangers_in(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|allowed| **allowed == Allowed::Public)
    }

    /// Whether this user may come in.
    #[must_use]
    pub fn lets_in(&self, user: &User) -> bool {
        !self.0.is_empty() && self.0.iter().all(|allowed| allowed.has(user))
    }
}

impl Rules {
    /// The demands of a request for this path by this method.
    ///
    /// Of a plain path the first rule that fits counts, read as it is and once more as servers read it that take upper case for lower case. An
    /// ambiguous path has to meet all rules.
    pub fn demand(&self, path: &ReadPath, method: AskedMethod<'_>) -> Demand<'_> {
        let mut demands = Vec::new();
        match path {
            ReadPath::Ambiguous => {
                demands.extend(self.rules.iter().map(|rule| &rule.allowed));
                demands.push(&self.otherwise);
            }
            ReadPath::Plain(segments) => {
                let method = self.as_servers_read(method);
                self.first(segments, method, Comparison::Exact, &mut demands);
                self.first(segments, method, Comparison::Folded, &mut demands);
            }
        }
        Demand(demands)
    }

    /// A method that is neither usual nor named in a rule: a site may read it as any other.
    fn as_servers_read<'m>(&self, method: AskedMethod<'m>) -> AskedMethod<'m> {
        match method {
            AskedMethod::Known(name)
                if !USUAL_METHODS.contains(&name) && !self.rules.iter().any(|rule| rule.is_for(name)) =>
            {
                AskedMethod::Unclear
            }
            method => method,
        }
    }

    /// The first rule that fits for certain, with those before it that may fit.
    fn first<'a>(
        &'a self,
        path: &[Segment],
        method: AskedMethod<'_>,
        comparison: Comparison,
        demands: &mut Vec<&'a Allowed>,
    ) {
        for rule in self.rules.iter().filter(|rule| rule.path.fits(path, comparison)) {
            let is_certain = rule.methods.is_empty();
            match method {
                AskedMethod::Known(method) if is_certain || rule.is_for(method) => {
                    demands.push(&rule.allowed);
                    return;
                }
                AskedMethod::Known(_) => {}
                AskedMethod::Unclear => {
                    demands.push(&rule.allowed);
                    if is_certain {
                        return;
                    }
                }
            }
        }
        demands.push(&self.otherwise);
    }
}

impl Rule {
    fn is_for(&self, method: &str) -> bool {
        // A request by HEAD asks for the same as one by GET.
        let method = if method == "HEAD" && !self.methods.iter().any(|known| known == "HEAD") {
            "GET"
        } else {
            method
        };
        self.methods.iter().any(|known| known == method)
    }
}

#[cfg(test)]
mod tests;
