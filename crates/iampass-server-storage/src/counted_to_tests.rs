//! The account or application that the nonces of an application, its sessions, its phones and their questions are counted to.

use super::bringing_tests::{phone, start};
use super::test_store::on_both;
use super::*;

#[tokio::test]
async fn all_that_an_account_made_counts_to_the_account_and_nothing_that_it_was_given() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let other = store.application("OTHER").await;
        phone(store, application).await;
        let credentials = start(store, application, "482913", "scan").await;
        let found = async |key: ApplicationKey| {
            let named = if key == application { "APP" } else { "OTHER" };
            let mut found = vec![store.database.application(named).await.unwrap().unwrap().counted_to];
            if key == application {
                let (_, device) = store.database.device("phone").await.unwrap().unwrap();
                let id = credentials.request_id.as_str();
                let (_, question) = store.database.question(id).await.unwrap().unwrap();
                let token = credentials.token.as_str();
                let (_, session) = store.database.session(token).await.unwrap().unwrap();
                found.extend([device.counted_to, question.counted_to, session.counted_to]);
            }
            found
        };
        assert_eq!(found(application).await, [CountedTo::Application(application); 4]);
        assert_eq!(found(other).await, [CountedTo::Application(other)]);
        for sql in [
            "INSERT INTO accounts (name, created_at) VALUES ('ann', 0), ('bert', 0)",
            "INSERT INTO members (application_key, account_key, role, since)
             SELECT a.key, c.key, 'owner', CASE WHEN c.name = 'bert' THEN 1 ELSE 2 END FROM applications a, accounts c
             WHERE a.id IN ('APP', 'OTHER')",
            "UPDATE applications SET made_by = (SELECT key FROM accounts WHERE name = 'ann') WHERE id IN ('APP', 'OTHER')",
            // A session that is at hand keeps its share until it changes.
            "UPDATE sessions SET wrong_codes = wrong_codes",
        ] {
            store.run(sql.to_owned(), vec![]).await;
        }
        let maker = found(other).await[0];
        let ann = store.database.account_named("ann").await.unwrap().unwrap().key;
        assert_eq!(maker, CountedTo::Account(ann));
        assert_eq!(found(application).await, [maker; 4]);
        // She gives them away: their owner takes no room of hers, and they no more room than before.
        let given_away = CountedTo::GivenAwayBy(ann);
        for sql in [
            "DELETE FROM members WHERE account_key = (SELECT key FROM accounts WHERE name = 'ann')",
            "DELETE FROM accounts WHERE name = 'ann'",
        ] {
            for sql in [sql, "UPDATE sessions SET wrong_codes = wrong_codes"] {
                store.run(sql.to_owned(), vec![]).await;
            }
            assert_eq!(found(application).await, [given_away; 4]);
            assert_eq!(found(other).await, [given_away]);
        }
    })
    .await;
}
