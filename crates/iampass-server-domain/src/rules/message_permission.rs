//! [`may_send`]: whether messages are sent for an application.

/// The facts behind the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFacts {
    /// The decision of an administrator, if there is one.
    pub decision: Option<bool>,
    /// Whether an administrator or a command made it, and all of its owners are administrators.
    pub is_of_administrators: bool,
}

/// Messages go out under the operator's name. An administrator's decision counts. Without one, an application may send where the operator
/// chooses who has an account, and where administrators made it and own it; where anybody may register, an account is not enough.
pub fn may_send(facts: MessageFacts, registration_is_open: bool) -> bool {
    facts.decision.unwrap_or(facts.is_of_administrators || !registration_is_open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_counts_and_without_one_strangers_may_not() {
        for is_of_administrators in [true, false] {
            for is_open in [true, false] {
                let may = |decision| may_send(MessageFacts { decision, is_of_administrators }, is_open);
                assert!(may(Some(true)));
                assert!(!may(Some(false)));
                assert_eq!(may(None), is_of_administrators || !is_open);
            }
        }
    }
}
