//! `/metrics`: all counters in the text format of Prometheus.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CONTENT_TYPE, HeaderMap};
use iampass_core::wire::Reason;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use super::live_sessions::LiveSessions;
use crate::ServerError;
use crate::app::App;
use crate::client_address::ClientAddress;
use crate::health_check::{self, HealthCheck};
use crate::problem::Refused;

/// The page, and what it shows.
pub(crate) struct MetricsPage {
    app: Arc<App>,
    live_sessions: LiveSessions,
}

impl MetricsPage {
    /// Of this service.
    pub(crate) fn of(app: Arc<App>) -> Self {
        Self { app, live_sessions: LiveSessions::default() }
    }
}

/// On the address of the service itself.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(metrics: Arc<MetricsPage>) -> Router<S> {
    Router::new().route("/metrics", get(page)).with_state(metrics)
}

async fn page(
    State(metrics): State<Arc<MetricsPage>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Response {
    if metrics.app.config.metrics.allows(&headers, address.map(|Extension(address)| address)) {
        text(&metrics).await
    } else {
        // As any path that leads nowhere.
        Refused::not_found(Reason::NotFound, "there is no such call: check the path").into_response()
    }
}

/// An address of their own.
#[derive(Debug)]
pub(crate) struct MetricsListener(TcpListener);

impl MetricsListener {
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|source| ServerError::Listen { address, source })?;
        tracing::info!(address = %listener.local_addr()?, "serving metrics");
        Ok(Self(listener))
    }

    /// Serves them, and how the service is, until it is dropped.
    pub(crate) async fn serve(self, metrics: Arc<MetricsPage>, health: Arc<HealthCheck>) {
        let router = Router::new()
            .route("/metrics", get(async |State(metrics): State<Arc<MetricsPage>>| text(&metrics).await))
            .merge(health_check::router(health))
            .with_state(metrics);
        if let Err(error) = axum::serve(self.0, router).await {
            tracing::error!(%error, "metrics are no longer served");
        }
    }
}

async fn text(MetricsPage { app, live_sessions }: &MetricsPage) -> Response {
    let live_sessions = live_sessions.count(&app.database).await;
    let mut registry = Registry::with_prefix("iampass");
    registry.register_collector(Box::new(Scrape { app: Arc::clone(app), live_sessions }));
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &registry) {
        Ok(()) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            Refused::unavailable().into_response()
        }
    }
}

/// Everything at the moment of one request for it.
#[derive(Debug)]
struct Scrape {
    app: Arc<App>,
    live_sessions: Option<u64>,
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (app, metrics) = (&*self.app, &self.app.metrics);
        requests(&mut encoder, app)?;

        counters(
            &mut encoder,
            "logins",
            "Authentication requests by outcome",
            metrics
                .logins
                .counts()
                .chain([("timed_out", app.database.timed_out())])
                .map(|(event, count)| ([("event", event)], count)),
        )?;
        let deliveries = metrics.deliveries.counts();
        counters(
            &mut encoder,
            "deliveries",
            "Attempts to send registration links, by outcome",
            deliveries.map(|(channel, event, count)| ([("channel", channel), ("event", event)], count)),
        )?;
        let pushes = metrics.pushes.counts();
        counters(
            &mut encoder,
            "pushes",
            "Pushes to phones, by push service and outcome",
            pushes.map(|(service, event, count)| ([("service", service), ("event", event)], count)),
        )?;
        counters(
            &mut encoder,
            "rate_limited",
            "Requests refused by a rate limit, by limit",
            app.rates.refused().map(|(limit, count)| ([("limit", limit.word())], count)),
        )?;

        if let Some(live) = self.live_sessions {
            let help = "Sessions that have not ended, and questions that wait, on all nodes together";
            plain_gauge(&mut encoder, "sessions_live", help, live)?;
        }
        store(&mut encoder, app)?;
        let nonces = app.nonces.count() as u64;
        plain_gauge(&mut encoder, "nonces_remembered", "Nonces that this node has in memory", nonces)?;

        let connections = &metrics.connections;
        plain_counter(&mut encoder, "connections", "Connections that were accepted", connections.all())?;
        plain_gauge(&mut encoder, "connections_open", "Connections that are open", connections.open())?;
        counters(
            &mut encoder,
            "connections_refused",
            "Connections that were closed at once, by the reason",
            connections.all_refused().map(|(reason, count)| ([("reason", reason)], count)),
        )?;

        let mut build =
            encoder.encode_descriptor("build", "Version of the service", None, MetricType::Info)?;
        build.encode_info(&[("version", env!("CARGO_PKG_VERSION"))])
    }
}

fn requests(encoder: &mut DescriptorEncoder<'_>, app: &App) -> fmt::Result {
    let answered = app.metrics.requests.routes().flat_map(|route| {
        let labels = |(method, class, count)| {
            ([("route", route.pattern), ("method", method), ("status", class)], count)
        };
        // Most methods are never used on most routes.
        route.answered().filter(|(_, _, count)| *count > 0).map(labels)
    });
    counters(encoder, "http_requests", "Requests that were answered", answered)?;

    let help = "Time from the head of a request to its answer; phones that wait for a question are answered late on purpose";
    let mut family =
        encoder.encode_descriptor("http_request_duration_seconds", help, None, MetricType::Histogram)?;
    for route in app.metrics.requests.routes() {
        route.took.encode(family.encode_family(&[("route", route.pattern)])?)?;
    }
    Ok(())
}

fn store(encoder: &mut DescriptorEncoder<'_>, app: &App) -> fmt::Result {
    let help = "Transactions that this node has committed";
    plain_counter(encoder, "store_commits", help, app.database.commits())?;
    let Some(writer) = app.database.writer_figures() else { return Ok(()) };
    let help = "Changes that wait for the one writer of the data file, or are being made";
    plain_gauge(encoder, "store_changes_waiting", help, writer.waiting())?;
    let help = "Changes that shared a commit";
    writer.batches().encode(encoder.encode_descriptor(
        "store_changes_per_commit",
        help,
        None,
        MetricType::Histogram,
    )?)
}

fn counters<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    counts: impl Iterator<Item = (L, u64)>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, count) in counts {
        family.encode_family(&labels)?.encode_counter::<L, _, u64>(&count, None)?;
    }
    Ok(())
}

fn plain_counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, count: u64) -> fmt::Result {
    let mut counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    counter.encode_counter::<[(&str, &str); 0], _, u64>(&count, None)
}

fn plain_gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
}
