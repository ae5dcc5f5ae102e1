//! The workers of a node, made of the parts of its service.

use std::sync::Arc;

use iampass_server_notify::{Channel, DeliveryWorker};
use iampass_server_push::PushWorker;

use crate::app::App;
use crate::pushing::Pushing;
use crate::rates::Limited;

impl App {
    /// The worker that sends this node's messages.
    pub(super) fn delivery_worker(&self) -> DeliveryWorker {
        let (rates, clock) = (Arc::clone(&self.rates), Arc::clone(&self.config.clock));
        let sender = |channel| Some((channel, Arc::clone(self.config.notice_sender(channel)?)));
        DeliveryWorker {
            database: Arc::clone(&self.database),
            clock: Arc::clone(&self.config.clock),
            metrics: Arc::clone(&self.metrics),
            senders: Channel::ALL.into_iter().filter_map(sender).collect(),
            // Only sent messages count against a user.
            uncount: Box::new(move |application, user| {
                rates.give_back(Limited::UserMessages, (application, user), clock.now().mono);
            }),
        }
    }

    /// The worker that sends this node's pushes.
    pub(super) fn push_worker(&self, pushing: &Pushing) -> PushWorker {
        pushing.worker(Arc::clone(&self.database), Arc::clone(&self.config.clock), Arc::clone(&self.metrics))
    }
}
