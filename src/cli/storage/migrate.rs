//! `tierpix storage migrate`.

mod copy;

use std::fmt::Display;

use clap::Args;

use self::copy::{Copied, Copier, Files};
use crate::{
    actors::Db,
    admin::table::{bytes, count},
    cli::{
        CliError, display,
        place::{storage, storage_at, with_database},
        signals::Signals,
        tables::say,
    },
    config::PlaceSettings,
    datadir::{DataDir, DataDirError},
    db::{
        Database,
        images::{CountAllImages, PageImages},
    },
    site::Site,
    storage::{Spool, StorageUrl},
    transfer::Transfer,
};

/// How many images are read in one query.
const PAGE: i64 = 500;

/// Copies pictures from where they are kept to another place.
#[derive(Args)]
pub struct Migrate {
    /// Where to: `file:///srv/pictures`, or `s3://bucket/prefix` with the usual `AWS_` variables.
    #[arg(long, value_name = "URL")]
    to: StorageUrl,
}

impl Migrate {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, data_dir| {
            let copier = self.copier(settings, database, data_dir).await?;
            let (from, to) = (
                Site::new(copier.db.clone(), copier.transfer.from.clone()),
                Site::new(copier.db.clone(), copier.transfer.to.clone()),
            );
            from.check_or_mark().await?;
            from.begin_copy(&to)
                .await
                .map_err(|error| self.refused(error))?;
            let mut signals = Signals::new()?;
            let mut display = display::Display::new();
            let copied = tokio::select! {
                copied = copy_all(&copier, &mut display) => copied,
                () = signals.next() => Err(CliError::because(
                    "stopped; run it again, and it goes on with what is not there yet",
                )),
            };
            display.clear();
            let files = copied?;
            if files.originals == 0 {
                from.end_copy(&to).await?;
            }
            self.tell(&files)
        })
        .await
    }

    /// What copies, once it is known that there can be written to the other place.
    async fn copier(
        &self,
        settings: &PlaceSettings,
        database: &Database,
        data_dir: &DataDir,
    ) -> Result<Copier, CliError> {
        let from = storage(settings, data_dir)?;
        let to = storage_at(&self.to, data_dir).map_err(|error| self.refused(error))?;
        let spool = data_dir.path().join("spool");
        Ok(Copier {
            db: Db::start(database.clone()),
            transfer: Transfer {
                from,
                to,
                spool: Spool::join(&spool).map_err(DataDirError::unusable(&spool))?,
            },
        })
    }

    fn refused(&self, error: impl Display) -> CliError {
        CliError::because(format!("--to {}: {error}", self.to))
    }

    fn tell(&self, files: &Files) -> Result<(), CliError> {
        say(format_args!(
            "Copied {} ({}) and compared them with their digests; {} there before.",
            count(files.copied, "file"),
            bytes(files.bytes),
            match files.there {
                1 => "1 was".to_owned(),
                there => format!("{there} were"),
            }
        ))?;
        if files.thumbnails > 0 {
            let thumbnails = count(files.thumbnails, "thumbnail");
            say(format_args!(
                "{thumbnails} missing or altered were left out: they are made again when they are asked for."
            ))?;
        }
        if files.originals > 0 {
            return Err(CliError::because(
                "originals are missing or altered: bring them back from a backup and run this again",
            ));
        }
        let to = &self.to;
        say(format_args!(
            "To switch over: stop the service, run this again for what came meanwhile, set TIERPIX_STORAGE_URL={to}\n\
             for every node and command, and start it. `tierpix storage reconcile --verify` then reads all that is there.\n\
             What is at the old place stays until you remove it."
        ))
    }
}

async fn copy_all(copier: &Copier, display: &mut display::Display) -> Result<Files, CliError> {
    let total = copier.db.run(CountAllImages).await?;
    let (mut files, mut done, mut after) = (Files::default(), 0, None);
    loop {
        let images = copier.db.run(PageImages(after, PAGE)).await?;
        let Some(last) = images.last() else {
            return Ok(files);
        };
        after = Some(last.id);
        for some in images.chunks(copy::IMAGES) {
            for (name, copied) in copier.copy(some).await? {
                if let Copied::NoOriginal(why) = copied {
                    say(format_args!("original {why}: {name}"))?;
                }
                files.count(copied);
            }
            done += i64::try_from(some.len()).unwrap_or(i64::MAX);
            display.show(done, total.max(done), format!(", {}", bytes(files.bytes)))?;
        }
    }
}
