//! `tierpix thumbnails backfill`.

use std::{sync::Arc, time::Duration};

use clap::Args;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::{
    actors::{Admission, Db, Thumbnailer, background_threads},
    admin::table::{bytes, count},
    background::{Runner, Tools, plan},
    cache::Caches,
    cli::{
        CliError,
        display::Display,
        place::{ops, storage, with_database},
        signals::Signals,
        tables::say,
    },
    config::{PlaceSettings, RenderSettings},
    datadir::DataDir,
    db::{
        Database,
        images::Lacking,
        jobs::{GetJob, Job, StartBackfill},
        tiers::FindTier,
    },
    domain::{
        job::{JobId, JobState, about},
        staff::{Actor, Refusal},
        tier::{TierId, TierName},
    },
    metrics::{Damage, StorageFigures},
    site::Site,
    storage::Storage,
    thumbnails::Maker,
};

/// Connections to the database besides one a thread.
const CONNECTIONS: usize = 4;

/// How long the job is left to a running service, which looks for work every second.
const PATIENCE: Duration = Duration::from_millis(2500);

/// How often the job is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Makes thumbnails that images lack.
#[derive(Args)]
pub struct BackfillCommand {
    /// Only for the images of this tier's users.
    #[arg(long, value_name = "TIER")]
    tier: Option<TierName>,
    /// Make those that are there again too.
    #[arg(long)]
    force: bool,
    /// Only say what there is to do.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    renders: RenderSettings,
}

impl BackfillCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, data_dir| {
            let connections = CONNECTIONS + self.renders.threads();
            let database = database.beside(connections)?;
            let result = self.backfill(settings, &database, data_dir).await;
            database.close();
            result
        })
        .await
    }

    async fn backfill(
        self,
        settings: &PlaceSettings,
        database: &Database,
        data_dir: &DataDir,
    ) -> Result<(), CliError> {
        let tier = match &self.tier {
            Some(name) => Some(tier_named(database, name).await?),
            None => None,
        };
        let storage = storage(settings, data_dir)?;
        let tools = tools(database, storage, &self.renders);
        tools.site.check_or_mark().await?;
        let lacking = Lacking {
            tier,
            made_before: self.force.then(OffsetDateTime::now_utc),
        };
        let plan = plan(&tools.db, lacking, tools.threads).await?;
        if plan.images == 0 {
            return say("No image lacks a thumbnail.");
        }
        say(format_args!(
            "{} to make thumbnails of, {} of originals: {}.",
            count(plan.images, "image"),
            bytes(plan.bytes),
            about(plan.estimate)
        ))?;
        if self.dry_run {
            return Ok(());
        }
        let job = self.start_or_join(database, tier).await?;
        follow(database, tools, job).await
    }

    async fn start_or_join(
        &self,
        database: &Database,
        tier: Option<TierId>,
    ) -> Result<JobId, CliError> {
        let start = StartBackfill {
            by: Actor::CommandLine,
            tier,
            remake: self.force,
        };
        match ops(database).make(start).await? {
            Ok(job) => Ok(job.id),
            Err(Refusal::BackfillUnderWay(job)) => {
                say("It was started before, and goes on.")?;
                Ok(job)
            }
            Err(refusal) => Err(refusal.into()),
        }
    }
}

async fn tier_named(database: &Database, name: &TierName) -> Result<TierId, CliError> {
    let tier = database.run(FindTier(name.as_str().to_owned())).await?;
    let tier = tier.ok_or_else(|| Refusal::NoSuchTier(name.clone()))?;
    Ok(tier.id)
}

fn tools(database: &Database, storage: Arc<dyn Storage>, renders: &RenderSettings) -> Tools {
    let db = Db::start(database.clone());
    let threads = renders.threads();
    let maker = Maker::new(
        db.clone(),
        Arc::new(Caches::new(db.clone(), 0)),
        // Nobody else renders here.
        Admission::new(threads, renders.memory(), Duration::ZERO),
        Thumbnailer::start(threads, renders.time_limit()),
        storage.clone(),
        Damage::default(),
    );
    Tools {
        site: Site::new(db.clone(), storage.clone()),
        db,
        maker: Arc::new(maker),
        storage,
        in_store: StorageFigures::default(),
        // For sweeps, which this does not do.
        orphan_grace: Duration::MAX,
        threads: background_threads(threads),
    }
}

/// Shows how far the job has come until it ends, and works on it where no service does.
async fn follow(database: &Database, tools: Tools, job: JobId) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let (stop, stopped) = watch::channel(false);
    let worker = actix_web::rt::spawn(work(tools, job, stopped));
    let mut display = Display::new();
    let ended = loop {
        let now = database.run(GetJob(job)).await?;
        let now = now.ok_or(Refusal::Gone)?;
        if now.state.has_ended() {
            break Some(now);
        }
        show(&mut display, &now)?;
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = signals.next() => break None,
        }
    };
    display.clear();
    // It has ended if it does not hear.
    let _ = stop.send(true);
    let _ = worker.await;
    match ended {
        Some(job) => tell(&job),
        None => Err(CliError::because(
            "stopped watching; a running service goes on, and so does this command when it is run again",
        )),
    }
}

/// Shows how far the job has come, once it was planned.
fn show(display: &mut Display, job: &Job) -> Result<(), CliError> {
    let Some(plan) = job.plan else {
        return Ok(());
    };
    let mut rest = match job.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    if let Some(left) = job.time_left() {
        rest.push_str(&format!(", {} left", about(left)));
    }
    display.show(job.done + job.failed, plan.images, rest)
}

/// Takes the job up whenever nobody else does.
async fn work(tools: Tools, job: JobId, mut stop: watch::Receiver<bool>) {
    let runner = Runner::new(tools, stop.clone());
    while !*stop.borrow() {
        if let Err(error) = runner.take_up(job, PATIENCE).await {
            tracing::debug!(%error, "cannot take the job");
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Says what came of a job.
fn tell(job: &Job) -> Result<(), CliError> {
    let why = job.last_error.as_deref().unwrap_or_default();
    match (job.state, job.failed) {
        (JobState::Done, 0) => say(format_args!(
            "Made the thumbnails of {}.",
            count(job.done, "image")
        )),
        (JobState::Done, failed) => Err(CliError::because(format!(
            "made the thumbnails of {}, but not of {}; the last one: {why}",
            count(job.done, "image"),
            count(failed, "image")
        ))),
        (JobState::Cancelled, _) => Err(CliError::because(format!(
            "somebody cancelled it when the thumbnails of {} were made",
            count(job.done, "image")
        ))),
        _ => Err(CliError::because(why)),
    }
}
