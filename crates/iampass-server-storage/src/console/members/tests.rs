//! The last owner of an application.

use iampass_core::{ApplicationId, Secret};

use super::*;
use crate::Sharing;
use crate::console::{ApplicationAdded, Registration};
use crate::{StorageConfig, StorageLocation};

async fn account(database: &Database, name: &str, has_arrived: bool) -> Account {
    let Registration::Done(account) = database.register_account(name.to_owned()).await.unwrap() else {
        panic!("the name is free")
    };
    if has_arrived {
        database.account_arrived(account.key).await.unwrap();
    }
    account
}

fn noted() -> Noted {
    Noted { actor: "a".to_owned(), application: None, action: "member.changed", subject: None }
}

#[tokio::test]
async fn an_owner_who_never_came_is_none_to_rely_on() {
    let database =
        Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await.unwrap();
    let owner = account(&database, "owner", true).await;
    let id = ApplicationId::new("APP").unwrap();
    let added =
        database.add_owned_application(id, Secret::new("s"), "Shop".to_owned(), &owner, Actor::Command);
    assert_eq!(added.await.unwrap(), ApplicationAdded::Done);
    let application = database.application("APP").await.unwrap().unwrap().key;
    let newcomer = account(&database, "newcomer", false).await;
    let added = database.add_member(application, "newcomer".to_owned(), Role::Owner, Actor::Command, noted());
    assert_eq!(added.await.unwrap(), MemberChange::Done);
    let step_down = || database.change_role(application, owner.key, Role::Developer, Actor::Command, noted());
    let leave = || database.remove_member(application, owner.key, Actor::Command, noted());
    assert_eq!(step_down().await.unwrap(), MemberChange::LastOwner);
    assert_eq!(leave().await.unwrap(), MemberChange::LastOwner);
    database.account_arrived(newcomer.key).await.unwrap();
    assert_eq!(step_down().await.unwrap(), MemberChange::Done);
    assert_eq!(leave().await.unwrap(), MemberChange::Done);
}
