//! The workers of a node, made of the parts of its service.

use std::sync::Arc;

use iampass_server_notify::{Channel, DeliveryWorker, EventWorker};
use iampass_server_push::PushWorker;

use crate::app::App;
use crate::pushing::Pushing;
use crate::rates::Limited;

/// The worker that sends this node's messages.
pub(super) fn delivery_worker(app: &App) -> DeliveryWorker {
    let rates = Arc::clone(&app.rates);
    let sender = |channel| Some((channel, Arc::clone(app.config.notice_sender(channel)?)));
    DeliveryWorker {
        database: Arc::clone(&app.database),
        clock: Arc::clone(&app.config.clock),
        metrics: Arc::clone(&app.metrics),
        senders: Channel::ALL.into_iter().filter_map(sender).collect(),
        // Only sent messages count against a user.
        uncount: Box::new(move |application, user| {
            rates.give_back(Limited::UserMessages, (application, user))
        }),
    }
}

/// The worker that sends this node's events.
pub(super) fn event_worker(app: &App) -> EventWorker {
    EventWorker {
        database: Arc::clone(&app.database),
        clock: Arc::clone(&app.config.clock),
        sender: Arc::clone(&app.events),
    }
}

/// The worker that sends this node's pushes.
pub(super) fn push_worker(app: &App, pushing: &Pushing) -> PushWorker {
    pushing.worker(Arc::clone(&app.database), Arc::clone(&app.config.clock), Arc::clone(&app.metrics))
}
