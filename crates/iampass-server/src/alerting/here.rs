//! [`Here`]: what a node sees by itself: its answers, its disk, and the certificate.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::{Monotonic, Now};
use iampass_server_domain::alert::{Alert, AlertKind, AlertThresholds, is_reached};
use iampass_server_metrics::Metrics;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::tls::Identity;

/// The time in which answers are counted.
const COUNTED_FOR: Duration = Duration::from_secs(300);
/// Errors that there are at least, so that one of two answers is no alert.
const LEAST_ERRORS: u64 = 10;
const DAY: u64 = 24 * 3_600;
/// How long a look at the disk may take. One that takes longer is waited for at the next look, and there is no second one beside it.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// A node.
pub(super) struct Here {
    host: String,
    metrics: Arc<Metrics>,
    /// All answers and those that were errors, as they were counted at a time.
    counted: VecDeque<(Monotonic, u64, u64)>,
    folder: Option<PathBuf>,
    /// The certificate in use.
    identity: Option<Arc<Identity>>,
    /// The look at the disk that is under way.
    looking: Option<JoinHandle<Option<u64>>>,
}

impl Here {
    pub(super) fn of(app: &App, identity: Option<Arc<Identity>>) -> Self {
        let parent = app.database.path().and_then(Path::parent).map(Path::to_owned);
        let host = hostname::get().ok().and_then(|name| name.into_string().ok());
        Self {
            host: host.unwrap_or_else(|| "this node".to_owned()),
            metrics: Arc::clone(&app.metrics),
            counted: VecDeque::new(),
            folder: parent,
            identity,
            looking: None,
        }
    }

    /// The name of the machine.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The alerts of this moment.
    pub(super) async fn look(&mut self, by: AlertThresholds, now: Now) -> Vec<Alert> {
        let used = self.look_at_disk().await;
        let mut seen = Vec::new();
        seen.extend(self.errors(by, now));
        if let (Some(used), Some(folder)) =
            (used.filter(|used| is_reached(*used, by.disk_percent)), &self.folder)
        {
            let subject = format!("{}:{}", self.host, folder.display());
            seen.push(Alert::new(AlertKind::Disk, Some(subject), Some(used)));
        }
        if let Some(identity) = &self.identity
            && let Some(ends_at) = identity.ends_at()
        {
            let left = ends_at.saturating_sub(now.wall.0);
            if left < by.certificate_left.as_secs() {
                // The same one on all nodes.
                let subject = format!("{}, until {ends_at}", identity.certificate().display());
                seen.push(Alert::new(AlertKind::Certificate, Some(subject), Some(left / DAY)));
            }
        }
        seen
    }

    /// How much of the disk is used, in percent. A disk of a network that is away must hold up neither the runtime nor the other alerts.
    async fn look_at_disk(&mut self) -> Option<u64> {
        let folder = self.folder.clone()?;
        let looking =
            self.looking.get_or_insert_with(|| tokio::task::spawn_blocking(move || used_percent(&folder)));
        let looked = tokio::time::timeout(LONGEST_LOOK, looking).await;
        match looked {
            Ok(looked) => {
                self.looking = None;
                looked.ok().flatten()
            }
            Err(_) => {
                tracing::warn!("the disk cannot be looked at in time");
                None
            }
        }
    }

    /// Errors among the answers of the last minutes.
    fn errors(&mut self, by: AlertThresholds, now: Now) -> Option<Alert> {
        let (mut all, mut errors) = (0_u64, 0_u64);
        for route in self.metrics.requests.routes() {
            for (_, class, count) in route.answered() {
                all = all.saturating_add(count);
                errors = errors.saturating_add(if class == "5xx" { count } else { 0 });
            }
        }
        self.counted.push_back((now.mono, all, errors));
        while self.counted.len() > 1
            && self.counted.get(1).is_some_and(|(at, ..)| now.mono.since(*at) >= COUNTED_FOR)
        {
            self.counted.pop_front();
        }
        let (_, all_before, errors_before) = *self.counted.front()?;
        let (all, errors) = (all.saturating_sub(all_before), errors.saturating_sub(errors_before));
        let percent = errors.saturating_mul(100).checked_div(all)?;
        let is_much = errors >= LEAST_ERRORS && is_reached(percent, by.server_errors_percent);
        is_much.then(|| Alert::new(AlertKind::ServerErrors, Some(self.host.clone()), Some(percent)))
    }
}

/// How much of the disk of a folder is used, in percent.
#[cfg(target_os = "linux")]
fn used_percent(folder: &Path) -> Option<u64> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let found = rustix::fs::statvfs(folder).ok()?;
    // Blocks that only the administrator may use are of no use to the service.
    let usable = found.f_blocks.saturating_sub(found.f_bfree).saturating_add(found.f_bavail);
    let free = found.f_bavail.saturating_mul(100).checked_div(usable)?;
    Some(100_u64.saturating_sub(free))
}

#[cfg(not(target_os = "linux"))]
fn used_percent(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::TlsFiles;
    use http::{Method, StatusCode};

    fn here(identity: Option<Arc<Identity>>) -> Here {
        Here {
            host: "node".to_owned(),
            metrics: Arc::new(Metrics::new(["/a"])),
            counted: VecDeque::new(),
            folder: Some(std::env::temp_dir()),
            identity,
            looking: None,
        }
    }

    fn at(seconds: u64) -> Now {
        Now::new(Duration::from_secs(seconds), 1_800_000_000 + seconds)
    }

    #[test]
    fn errors_count_where_they_are_many_and_for_five_minutes() {
        let by = AlertThresholds::default();
        let mut here = here(None);
        let answer = |here: &Here, status: StatusCode, times: u64| {
            for _ in 0..times {
                here.metrics.requests.answered(0, &Method::GET, status, Duration::ZERO);
            }
        };
        assert_eq!(here.errors(by, at(0)), None);
        answer(&here, StatusCode::SERVICE_UNAVAILABLE, 9);
        assert_eq!(here.errors(by, at(15)), None, "too few");
        answer(&here, StatusCode::SERVICE_UNAVAILABLE, 1);
        let alert = here.errors(by, at(30)).unwrap();
        assert_eq!((alert.kind, alert.figure), (AlertKind::ServerErrors, Some(100)));
        answer(&here, StatusCode::OK, 190);
        assert_eq!(here.errors(by, at(45)).unwrap().figure, Some(5));
        answer(&here, StatusCode::OK, 10);
        assert_eq!(here.errors(by, at(60)), None);
        assert_eq!(here.errors(AlertThresholds { server_errors_percent: 0, ..by }, at(61)), None);
        assert_eq!(here.errors(by, at(400)), None, "those of before count no more");
    }

    #[tokio::test]
    async fn a_certificate_that_ends_soon_and_a_disk_that_is_full_are_seen() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cert.pem");
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(2030, 1, 15);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&path, parameters.self_signed(&key).unwrap().pem()).unwrap();
        let key_path = directory.path().join("key.pem");
        std::fs::write(&key_path, key.serialize_pem()).unwrap();
        let identity = Identity::load(&TlsFiles::new(&path, &key_path)).unwrap();
        let end = 1_894_665_600;
        assert_eq!(identity.ends_at(), Some(end));
        // The one in use counts, and not one that was put into its place and is not taken.
        std::fs::write(&path, "another one").unwrap();
        let mut here = here(Some(Arc::new(identity)));
        let kinds = async |here: &mut Here, by, wall| {
            let now = Now::new(Duration::ZERO, wall);
            here.look(by, now).await.iter().map(|alert| (alert.kind, alert.figure)).collect::<Vec<_>>()
        };
        let by = AlertThresholds { disk_percent: 0, ..AlertThresholds::default() };
        assert_eq!(kinds(&mut here, by, end - 14 * DAY).await, []);
        assert_eq!(kinds(&mut here, by, end - 14 * DAY + 1).await, [(AlertKind::Certificate, Some(13))]);
        assert_eq!(kinds(&mut here, by, end + DAY).await, [(AlertKind::Certificate, Some(0))]);
        let full = AlertThresholds { disk_percent: 1, certificate_left: Duration::ZERO, ..by };
        if cfg!(target_os = "linux") {
            assert!(matches!(
                kinds(&mut here, full, end - DAY).await[..],
                [(AlertKind::Disk, Some(1..=100))]
            ));
        }
        assert_eq!(kinds(&mut here, AlertThresholds { disk_percent: 101, ..full }, end - DAY).await, []);
    }
}
