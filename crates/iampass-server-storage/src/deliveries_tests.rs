//! Leases of messages: who may send one, and for how long.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{Now, UserToken};
use iampass_server_domain::credentials::draw_application;
use iampass_server_domain::notice::Channel;

use super::{
    ApplicationKey, Attempted, Contents, Database, DeliveryState, LinkCode, NewDelivery, NewLink, Sharing,
    SpentNonce, Turns,
};
use crate::{StorageConfig, StorageLocation};

const SMS: [Channel; 2] = [Channel::Sms; 2];
const LEASE: Duration = Duration::from_secs(60);

struct FakeClock(Mutex<Now>);

impl FakeClock {
    fn advance(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(Duration::from_secs(seconds));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

struct Scene {
    database: Arc<Database>,
    clock: Arc<FakeClock>,
    application: ApplicationKey,
}

impl Scene {
    async fn new() -> Self {
        let clock = Arc::new(FakeClock(Mutex::new(Now::new(Duration::ZERO, 1_800_000_000))));
        let mut config = StorageConfig::new(StorageLocation::Temporary);
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let database = Arc::new(Database::open(&config, Sharing::Alone).await.unwrap());
        let (id, secret) = draw_application().unwrap();
        assert!(
            database
                .add_application(&id, &secret, "Shop", iampass_server_domain::rules::Approval::Tap, None)
                .await
                .unwrap()
        );
        let application = database.application(id.as_str()).await.unwrap().unwrap().key;
        let user = vec![UserToken::new("u").unwrap()];
        database.add_users(application, user, SpentNonce::none(Arc::clone(&database))).await.unwrap();
        Self { database, clock, application }
    }

    async fn queue(&self, channel: Channel) {
        self.queue_for(self.application, "u", channel).await;
    }

    async fn queue_for(&self, application: ApplicationKey, user: &str, channel: Channel) {
        let link = NewLink {
            application,
            user: UserToken::new(user).unwrap(),
            display_name: None,
            lifetime: Duration::from_secs(24 * 3_600),
        };
        let contents = Contents {
            to: "+15550142".to_owned(),
            link: "https://login.example/r/c0de".to_owned(),
            message: None,
            display_name: None,
        };
        let delivery = NewDelivery { channel, masked: "***42".to_owned(), contents };
        let (code, spent) = (LinkCode::draw().unwrap(), SpentNonce::none(Arc::clone(&self.database)));
        assert!(self.database.send_link(link, code, delivery, spent).await.unwrap().is_some());
    }

    async fn lease(&self) -> Vec<super::Leased> {
        let turns = Turns { most_of_one: 8, ..Turns::default() };
        self.database.lease_deliveries(SMS, 16, LEASE, turns).await.unwrap().0
    }

    async fn states(&self) -> Vec<(DeliveryState, u32)> {
        let log = self.database.deliveries(self.application, None, 10).await.unwrap();
        log.iter().map(|entry| (entry.state, entry.attempts)).collect()
    }
}

#[tokio::test]
async fn a_message_is_with_one_holder_until_the_lease_ends() {
    let scene = Scene::new().await;
    scene.queue(Channel::Sms).await;
    let first = scene.lease().await;
    assert_eq!((first.len(), first[0].attempt), (1, 1));
    assert!(scene.lease().await.is_empty());
    scene.clock.advance(59);
    assert!(scene.lease().await.is_empty());
    scene.clock.advance(1);
    let second = scene.lease().await;
    assert_eq!((second.len(), second[0].attempt), (1, 2));
    assert_eq!(second[0].notice.id, first[0].notice.id);

    // The first holder comes back from wherever it was: the message is not its any more.
    let ended = Attempted::Ended(DeliveryState::Refused);
    assert!(
        !scene.database.delivery_attempted(first[0].key, 1, ended, Some("refused".to_owned())).await.unwrap()
    );
    assert_eq!(scene.states().await, [(DeliveryState::Queued, 2)]);
    let ended = Attempted::Ended(DeliveryState::Sent);
    assert!(scene.database.delivery_attempted(second[0].key, 2, ended, None).await.unwrap());
    assert_eq!(scene.states().await, [(DeliveryState::Sent, 2)]);
    scene.clock.advance(3_600);
    assert!(scene.lease().await.is_empty());
}

#[tokio::test]
async fn what_is_leased_is_not_withdrawn_under_its_holder_and_what_is_not_is() {
    let scene = Scene::new().await;
    scene.queue(Channel::Sms).await;
    let leased = scene.lease().await;
    // The link is replaced, with a second message.
    scene.queue(Channel::Sms).await;
    scene.database.settle_deliveries().await.unwrap();
    assert_eq!(scene.states().await, [(DeliveryState::Queued, 0), (DeliveryState::Queued, 1)]);
    let again = Attempted::Again { at: scene.clock.now().wall };
    assert!(
        scene.database.delivery_attempted(leased[0].key, 1, again, Some("busy".to_owned())).await.unwrap()
    );
    let second = scene.lease().await;
    assert_eq!(second.len(), 1, "the first is withdrawn when it is its turn");
    assert_ne!(second[0].notice.id, leased[0].notice.id);
    assert_eq!(scene.states().await, [(DeliveryState::Queued, 1), (DeliveryState::Withdrawn, 1)]);
}

#[tokio::test]
async fn one_that_cannot_be_opened_stands_in_nobodys_way() {
    let scene = Scene::new().await;
    scene.queue(Channel::Sms).await;
    scene
        .database
        .write(|tx| {
            Box::pin(async move {
                let nonsense = [1_u8; 40];
                tx.execute("UPDATE deliveries SET contents = ?1", &[nonsense.as_slice().into()]).await
            })
        })
        .await
        .unwrap();
    assert!(scene.lease().await.is_empty());
    let next = scene.database.next_delivery(SMS).await.unwrap();
    assert_eq!(next, Some(scene.clock.now().wall.plus(LEASE)));
    // The next one is sealed as it should be.
    scene.queue(Channel::Sms).await;
    assert_eq!(scene.lease().await.len(), 1);
}

#[tokio::test]
async fn messages_of_other_channels_are_left_alone_until_their_time_is_over() {
    let scene = Scene::new().await;
    scene.queue(Channel::Mail).await;
    assert!(scene.lease().await.is_empty());
    assert_eq!(scene.database.next_delivery(SMS).await.unwrap(), None);
    assert!(scene.database.next_delivery([Channel::Sms, Channel::Mail]).await.unwrap().is_some());
    scene.clock.advance(3_600);
    scene.database.settle_deliveries().await.unwrap();
    assert_eq!(scene.states().await, [(DeliveryState::GivenUp, 0)]);
    // And the log is not kept for ever.
    let kept =
        super::Kept { ended: Duration::ZERO, signature_window: Duration::ZERO, clock_ahead: Duration::ZERO };
    let later = scene.clock.now().wall.plus(Duration::from_secs(1));
    assert!(!scene.database.tidy(later, kept, Vec::new()).await.unwrap());
    assert!(scene.states().await.is_empty());
}

/// An application that queues much does not hold up another one, whichever was first.
#[tokio::test]
async fn applications_take_turns() {
    let scene = Scene::new().await;
    let mut applications = vec![scene.application];
    for name in ["B", "C"] {
        let (id, secret) = draw_application().unwrap();
        assert!(
            scene
                .database
                .add_application(&id, &secret, name, iampass_server_domain::rules::Approval::Tap, None)
                .await
                .unwrap()
        );
        applications.push(scene.database.application(id.as_str()).await.unwrap().unwrap().key);
    }
    for (&application, count) in applications.iter().zip([40, 1, 3]) {
        let users: Vec<_> = (0..count).map(|user| UserToken::new(format!("u{user}")).unwrap()).collect();
        let spent = SpentNonce::none(Arc::clone(&scene.database));
        scene.database.add_users(application, users.clone(), spent).await.unwrap();
        for user in &users {
            scene.queue_for(application, user.as_str(), Channel::Sms).await;
        }
        scene.clock.advance(1);
    }
    let mut turns = Turns { most_of_one: 8, ..Turns::default() };
    let (first, last) = scene.database.lease_deliveries(SMS, 16, LEASE, turns.clone()).await.unwrap();
    let of = |leased: &[super::Leased], application| {
        leased.iter().filter(|leased| leased.application == application).count()
    };
    assert_eq!(applications.iter().map(|&of_one| of(&first, of_one)).collect::<Vec<_>>(), [8, 1, 3]);
    assert_eq!(last, applications[2].0);
    // With one place free, it goes to the one behind the last.
    (turns.last, turns.most_of_one) = (applications[0].0, 100);
    for &application in &applications[1..] {
        scene.queue_for(application, "u0", Channel::Sms).await;
    }
    for expected in [1, 2, 0] {
        let (leased, last) = scene.database.lease_deliveries(SMS, 1, LEASE, turns.clone()).await.unwrap();
        assert_eq!(
            leased.iter().map(|leased| leased.application).collect::<Vec<_>>(),
            [applications[expected]]
        );
        turns.last = last;
    }
    // And what an application has in hand already counts.
    turns.most_of_one = 8;
    turns.in_hand.insert(applications[0], 8);
    assert!(scene.database.lease_deliveries(SMS, 16, LEASE, turns).await.unwrap().0.is_empty());
}

#[tokio::test]
async fn forbidden_messages_are_withdrawn() {
    let scene = Scene::new().await;
    scene.queue(Channel::Sms).await;
    let change = super::ApplicationChange::Messages { allowed: false };
    let noted = super::Noted {
        actor: "admin".to_owned(),
        application: None,
        action: "messages.forbidden",
        subject: None,
    };
    scene.database.change_application(scene.application, change, super::Actor::Command, noted).await.unwrap();
    assert!(scene.lease().await.is_empty());
    assert_eq!(scene.states().await, [(DeliveryState::Withdrawn, 0)]);
}

#[tokio::test]
async fn the_log_is_paged_the_latest_first() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.queue(Channel::Sms).await;
    }
    let first = scene.database.deliveries(scene.application, None, 2).await.unwrap();
    let rest = scene.database.deliveries(scene.application, Some(first[1].key), 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    assert!(first[0].key > first[1].key && first[1].key > rest[0].key);
    let entry = &rest[0];
    assert_eq!((entry.channel.as_str(), entry.masked.as_str()), ("sms", "***42"));
    assert!(entry.user.is_some() && entry.last_error.is_none());
    assert_eq!((entry.state, first[0].state), (DeliveryState::Withdrawn, DeliveryState::Queued));
    assert_eq!((entry.id.len(), entry.queued_at), (32, scene.clock.now().wall));
    assert!(scene.database.deliveries(ApplicationKey(99), None, 2).await.unwrap().is_empty());
}
