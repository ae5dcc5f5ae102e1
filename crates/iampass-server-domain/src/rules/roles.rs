//! The rights of accounts over an application in the Console.
//!
//! Belongs here: [`may`], the one function that decides it, over plain values. Does not belong here: who has which role
//! (`storage::console`), and asking (`console::access`).

/// The role of an account in an application that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees all there is, and changes nothing.
    ReadOnly,
    /// Works on the application from day to day.
    Developer,
    /// May do anything, and says who else may what.
    Owner,
}

impl Role {
    /// All of them, the one that may most first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Developer, Self::ReadOnly];

    /// As it is stored and sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Developer => "developer",
            Self::ReadOnly => "read-only",
        }
    }

    /// By its word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// The standing of an account towards an application. The service does not reveal the application to an account without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As a member, if it is one.
    pub role: Option<Role>,
    /// Administrators of the service see all applications.
    pub is_administrator: bool,
}

/// The actions on an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Look at any page of it.
    See,
    /// Add and delete users.
    ManageUsers,
    /// Registration links, lost phones.
    ManageDevices,
    /// Log users out.
    EndSessions,
    /// Give it a new secret, and end the overlap.
    RotateSecret,
    /// Its name, allowed methods, session duration.
    Configure,
    /// Disable and enable it.
    SwitchOff,
    /// Delete it.
    Delete,
    /// Its members and their roles.
    ManageMembers,
    /// Where its events go, and which are sent again.
    ManageEvents,
    /// Whether the operator's mail server and SMS gateway send messages for it.
    DecideMessages,
    /// Belong to it no longer.
    Leave,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::See,
        Self::ManageUsers,
        Self::ManageDevices,
        Self::EndSessions,
        Self::RotateSecret,
        Self::Configure,
        Self::SwitchOff,
        Self::Delete,
        Self::ManageMembers,
        Self::ManageEvents,
        Self::DecideMessages,
        Self::Leave,
    ];
}

/// Whether somebody of this standing may do it. Every route of the Console that is about an application asks this.
pub fn may(standing: Standing, act: Act) -> bool {
    let as_member = standing.role.is_some_and(|role| match act {
        Act::See | Act::Leave => true,
        Act::ManageUsers | Act::ManageDevices | Act::EndSessions | Act::RotateSecret | Act::Configure => {
            role >= Role::Developer
        }
        Act::SwitchOff | Act::Delete | Act::ManageMembers | Act::ManageEvents => role == Role::Owner,
        Act::DecideMessages => false,
    });
    // Administrators may change its members, so that an application whose owners are gone, or that was made by a command, is not lost.
    // Their actions are logged like all others.
    let as_administrator =
        standing.is_administrator && matches!(act, Act::See | Act::ManageMembers | Act::DecideMessages);
    as_member || as_administrator
}

/// Whether an account may do it whose phone a recovery code has let in less than a day ago. It looks, and ends what can begin again: all else would outlast the phone
/// of a thief of the code, or could not be undone. A member who leaves comes back by another owner alone.
pub const fn is_open_to_new_phones(act: Act) -> bool {
    match act {
        Act::See | Act::EndSessions | Act::SwitchOff => true,
        Act::ManageUsers
        | Act::ManageDevices
        | Act::RotateSecret
        | Act::Configure
        | Act::Delete
        | Act::ManageMembers
        | Act::ManageEvents
        | Act::DecideMessages
        | Act::Leave => false,
    }
}

/// Whether an account of this standing may let others belong to an application in this role. No member gives more than the own role;
/// administrators may name owners, for applications that have none.
pub fn may_give(standing: Standing, role: Role) -> bool {
    let has_it = standing.role.is_some_and(|own| own >= role);
    may(standing, Act::ManageMembers) && (has_it || standing.is_administrator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gives_a_role_who_may_not_say_who_belongs_to_it() {
        for role in Role::ALL {
            let give = |own, is_administrator| may_give(Standing { role: own, is_administrator }, role);
            assert!(give(Some(Role::Owner), false) && give(None, true) && give(Some(Role::ReadOnly), true));
            assert!(!give(Some(Role::Developer), false), "{role:?}");
            assert!(!give(Some(Role::ReadOnly), false) && !give(None, false), "{role:?}");
        }
    }

    fn allowed(role: Option<Role>, is_administrator: bool) -> Vec<Act> {
        Act::ALL.into_iter().filter(|&act| may(Standing { role, is_administrator }, act)).collect()
    }

    #[test]
    fn each_role_may_what_is_its_and_no_more() {
        assert_eq!(allowed(None, false), []);
        assert_eq!(allowed(Some(Role::ReadOnly), false), [Act::See, Act::Leave]);
        assert_eq!(
            allowed(Some(Role::Developer), false),
            [
                Act::See,
                Act::ManageUsers,
                Act::ManageDevices,
                Act::EndSessions,
                Act::RotateSecret,
                Act::Configure,
                Act::Leave
            ]
        );
        let of_owners: Vec<Act> = Act::ALL.into_iter().filter(|act| *act != Act::DecideMessages).collect();
        assert_eq!(allowed(Some(Role::Owner), false), of_owners);
        assert_eq!(allowed(None, true), [Act::See, Act::ManageMembers, Act::DecideMessages]);
        assert_eq!(
            allowed(Some(Role::ReadOnly), true),
            [Act::See, Act::ManageMembers, Act::DecideMessages, Act::Leave]
        );
    }

    #[test]
    fn roles_are_stored_by_words() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.word()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }
}
