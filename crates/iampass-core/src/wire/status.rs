//! The words for the state of a session.

use super::word::word_enum;

word_enum! {
    /// The service's answer about a session (`session_status`) \[D\]\[P\].
    ///
    /// Only [`SessionStatus::Active`] lets anybody in.
    ///
    /// ```
    /// use iampass_core::wire::SessionStatus;
    ///
    /// assert!(SessionStatus::from("active").grants_access());
    /// assert!(!SessionStatus::from("walkaway").grants_access());
    /// assert_eq!(SessionStatus::from("Active"), SessionStatus::Unknown("Active".into()));
    /// ```
    SessionStatus {
        /// The phone has been asked.
        Pending = "pending",
        /// The phone has picked the request up.
        Identifying = "identifying",
        /// Logged in.
        Active = "active",
        /// The phone left. The session lives on, but the user is not there: deny until it is active again.
        Walkaway = "walkaway",
        /// The phone did not answer in time. The mobile SDKs spell it `time_out` \[F\]\[A\], which is read as well.
        Timeout = "timeout" | "time_out",
        /// The phone answered, and the identification failed.
        Failed = "failed",
        /// The user declined.
        Cancelled = "cancelled",
        /// Ended: logged out, logged out remotely, or past its duration.
        Closed = "closed",
    }
}

impl SessionStatus {
    /// Whether it lets the user in. True for one word only.
    #[must_use]
    pub fn grants_access(&self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether the phone's answer is still awaited.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        matches!(self, Self::Pending | Self::Identifying)
    }

    /// Whether the session is over for good. An unknown word is not: it denies, but it may change.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Timeout | Self::Failed | Self::Cancelled | Self::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_of_all_grants_access() {
        let words = [
            "pending",
            "identifying",
            "active",
            "walkaway",
            "timeout",
            "failed",
            "cancelled",
            "closed",
            "ACTIVE",
            "active ",
            "",
        ];
        let granted: Vec<_> =
            words.into_iter().filter(|&word| SessionStatus::from(word).grants_access()).collect();
        assert_eq!(granted, ["active"]);
        for word in words {
            assert_eq!(SessionStatus::from(word).as_str(), word);
        }
    }

    #[test]
    fn the_other_spelling_of_a_timeout_ends_a_session_too() {
        let status = SessionStatus::from("time_out");
        assert_eq!(status, SessionStatus::Timeout);
        assert!(status.is_ended());
        assert_eq!(status.as_str(), "timeout", "it is written in one spelling");
    }
}
