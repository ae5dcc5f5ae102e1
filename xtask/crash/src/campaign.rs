//! Kill after kill: load, a kill at a random instant, a new start, and a look at everything.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use crate::Failure;
use crate::audit::{Nonces, Tally, audit};
use crate::random::Random;
use crate::service::{Service, Victim};
use crate::worker::{Load, Worker};

/// How a campaign goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) runs: u32,
    pub(crate) workers: u8,
    /// Of each so many kills, one is the database's; 0 for none.
    pub(crate) database_every: u32,
    /// How soon the service is to be back.
    pub(crate) back_within: Duration,
}

/// People of earlier runs who are looked at again after each kill, for each worker.
const OTHERS: usize = 4;
const SHORTEST_LOAD: Duration = Duration::from_millis(50);
const LONGEST_LOAD_MS: usize = 1_450;
/// How long the first acknowledgement may take.
const FIRST_WITHIN: Duration = Duration::from_secs(10);

/// The findings of a campaign.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) kills: u32,
    pub(crate) database_kills: u32,
    pub(crate) acknowledged: u64,
    pub(crate) back: Vec<Duration>,
    pub(crate) tally: Arc<Tally>,
}

/// Goes through all runs, and at last through everybody there ever was.
///
/// # Errors
/// When anything that was acknowledged is lost, or the service is not as it should be.
pub(crate) async fn campaign(
    service: &mut Service,
    plan: Plan,
    mut random: Random,
) -> Result<Report, Failure> {
    let application = service.application()?;
    let mut workers = (1..=plan.workers)
        .map(|number| Worker::new(number, application.clone(), random.split()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut report = Report::default();
    service.start(&application).await?;
    let bar = progress(plan.runs);
    for run in 0..plan.runs {
        let victim = if plan.database_every > 0 && (run + 1) % plan.database_every == 0 {
            Victim::Database
        } else {
            Victim::Node
        };
        let pause = SHORTEST_LOAD + Duration::from_millis(random.below(LONGEST_LOAD_MS) as u64);
        let in_run = |error: Failure| -> Failure { format!("run {run} ({victim:?} killed): {error}").into() };
        report.acknowledged += load_and_kill(service, &mut workers, victim, pause).await.map_err(in_run)?;
        report.kills += 1;
        report.database_kills += u32::from(victim == Victim::Database);
        let back = service.revive(victim, &application).await.map_err(in_run)?;
        report.back.push(back);
        let nonces = if service.is_on_postgres() { Nonces::MaybeAlone } else { Nonces::WithTheChange };
        let others = workers.iter().map(|worker| sample(worker.people.len(), &mut random)).collect();
        let mut wrong = audit_all(&mut workers, others, nonces, &report.tally).await.map_err(in_run)?;
        wrong.extend(service.check().map_err(in_run)?);
        verdict(&wrong).map_err(in_run)?;
        bar.set_message(format!("{} changes acknowledged, none lost", report.acknowledged));
        bar.inc(1);
    }
    bar.set_message("looking at everybody");
    let everybody = workers.iter().map(|worker| (0..worker.people.len()).collect()).collect();
    let mut wrong = audit_all(&mut workers, everybody, Nonces::MaybeAlone, &report.tally).await?;
    wrong.extend(service.check()?);
    wrong.extend(service.panics()?);
    verdict(&wrong)?;
    bar.finish_and_clear();
    let late = report.back.iter().filter(|back| **back > plan.back_within).count();
    if late > 0 {
        let back_within = plan.back_within;
        return Err(format!(
            "{late} times the service was back later than {back_within:?}\n{}",
            report.text()
        )
        .into());
    }
    Ok(report)
}

/// Lets the workers work, kills while they do, and counts what was acknowledged.
async fn load_and_kill(
    service: &mut Service,
    workers: &mut Vec<Worker>,
    victim: Victim,
    pause: Duration,
) -> Result<u64, Failure> {
    let load = Arc::new(Load::default());
    let mut working = JoinSet::new();
    for mut worker in workers.drain(..) {
        let load = Arc::clone(&load);
        working.spawn(async move {
            let worked = worker.work(&load).await;
            (worker, worked)
        });
    }
    let begun = Instant::now();
    while load.acknowledged.load(Ordering::Relaxed) == 0 && begun.elapsed() < FIRST_WITHIN {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(pause).await;
    service.kill(victim)?;
    // A worker that is between two calls, or is answered by a service that lives on, ends as well.
    load.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = working.join_next().await {
        let (worker, worked) = ended?;
        workers.push(worker);
        worked?;
    }
    match load.acknowledged.load(Ordering::Relaxed) {
        0 => Err("nothing was acknowledged".into()),
        acknowledged => Ok(acknowledged),
    }
}

async fn audit_all(
    workers: &mut Vec<Worker>,
    others: Vec<Vec<usize>>,
    nonces: Nonces,
    tally: &Arc<Tally>,
) -> Result<Vec<String>, Failure> {
    let mut looking = JoinSet::new();
    for (mut worker, others) in workers.drain(..).zip(others) {
        let tally = Arc::clone(tally);
        looking.spawn(async move {
            let found = audit(&mut worker, &others, nonces, &tally).await;
            (worker, found)
        });
    }
    let mut wrong = Vec::new();
    while let Some(ended) = looking.join_next().await {
        let (worker, found) = ended?;
        workers.push(worker);
        wrong.extend(found?);
    }
    Ok(wrong)
}

fn sample(of: usize, random: &mut Random) -> Vec<usize> {
    let mut places: Vec<_> = (0..OTHERS.min(of)).map(|_| random.below(of)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn verdict(wrong: &[String]) -> Result<(), Failure> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} things are wrong:\n  {}", wrong.len(), wrong.join("\n  ")).into())
}

fn progress(runs: u32) -> ProgressBar {
    let bar = ProgressBar::new(runs.into());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} kills  {elapsed}  {msg}") {
        bar.set_style(style);
    }
    bar
}

impl Report {
    /// In a few lines.
    pub(crate) fn text(mut self) -> String {
        self.back.sort_unstable();
        let at = |percent: usize| {
            let place = self.back.len().saturating_sub(1) * percent / 100;
            self.back.get(place).copied().unwrap_or_default().as_millis()
        };
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let Tally { people, replays, doubts, doubts_done } = &*self.tally;
        format!(
            "{} kills ({} of the database): {} changes were acknowledged, none was lost and none done twice.\n\
             {} looks at people agreed with what had been acknowledged; {} requests that had been acknowledged were refused when they came again;\n\
             of {} requests under way at a kill, {} had been done, each as a whole. The database's checks found nothing.\n\
             Up again after {} ms (p50), {} ms (p95), {} ms (most).",
            self.kills,
            self.database_kills,
            self.acknowledged,
            count(people),
            count(replays),
            count(doubts),
            count(doubts_done),
            at(50),
            at(95),
            at(100)
        )
    }
}
