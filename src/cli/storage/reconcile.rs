//! `tierpix storage reconcile`.

use clap::Args;

use crate::{
    actors::Db,
    admin::table::count,
    cli::{
        CliError,
        place::{storage, with_database},
        tables::{confirm, say},
    },
    config::PlaceSettings,
    db::images::{ForgetThumbnail, PageImages, StoredThumbnail},
    domain::image::Size,
    reconcile::{Damage, Damaged, Orphan, damaged, orphans},
    storage::Storage,
};

/// How many images are read in one query.
const PAGE: i64 = 500;

/// Compares files and rows.
#[derive(Args)]
pub struct Reconcile {
    /// Remove files that are nobody's, and the rows of thumbnails whose files are gone: those are made again when they
    /// are asked for.
    #[arg(long)]
    delete: bool,
    /// Also read every file, to find those whose bytes were altered.
    #[arg(long)]
    verify: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// What does not fit.
#[derive(Default)]
struct Found {
    orphans: Vec<Orphan>,
    under_way: i64,
    thumbnails: Vec<Damaged>,
    originals: i64,
}

impl Reconcile {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, data_dir| {
            let (db, storage) = (Db::start(database.clone()), storage(settings, data_dir)?);
            let mut found = Found::default();
            find_orphans(&db, &*storage, &mut found).await?;
            self.find_damage(&db, &*storage, &mut found).await?;
            self.settle(&db, &*storage, found).await
        })
        .await
    }

    async fn find_damage(
        &self,
        db: &Db,
        storage: &dyn Storage,
        found: &mut Found,
    ) -> Result<(), CliError> {
        let mut after = None;
        loop {
            let images = db.run(PageImages(after, PAGE)).await?;
            let Some(last) = images.last() else {
                return Ok(());
            };
            after = Some(last.id);
            for one in damaged(db, storage, self.verify, &images).await? {
                let how = match one.damage {
                    Damage::Missing => "missing",
                    Damage::Altered => "altered",
                };
                let (image, name) = (one.image.id, one.image.object(one.size));
                match one.size {
                    Size::Original => {
                        say(format_args!("original {how}: {name}, of the image {image}"))?;
                        found.originals += 1;
                    }
                    Size::Thumbnail(_) => {
                        say(format_args!(
                            "thumbnail {how}: {name}, of the image {image}"
                        ))?;
                        found.thumbnails.push(one);
                    }
                }
            }
        }
    }

    /// Removes what may go if that is wanted, and says what there was.
    async fn settle(&self, db: &Db, storage: &dyn Storage, found: Found) -> Result<(), CliError> {
        let Found {
            orphans,
            under_way,
            thumbnails,
            originals,
        } = found;
        let files = i64::try_from(orphans.len()).unwrap_or(i64::MAX);
        let rows = i64::try_from(thumbnails.len()).unwrap_or(i64::MAX);
        say(format_args!(
            "{} without a row, {} whose file is missing or altered, {} missing or altered.",
            count(files, "file"),
            count(rows, "thumbnail"),
            count(originals, "original"),
        ))?;
        if under_way > 0 {
            let files = count(under_way, "file");
            say(format_args!(
                "{files} without a row may still be under way."
            ))?;
        }
        let removes = self.delete && files + rows > 0;
        if removes {
            let what = format!("{} and {}", count(files, "file"), count(rows, "row"));
            confirm(&format!("Remove {what}?"), self.yes)?;
            for orphan in &orphans {
                storage.delete_listed(&orphan.listed).await?;
            }
            for one in thumbnails {
                forget(db, one).await?;
            }
            say(format_args!("Removed {what}."))?;
        }
        let rest = if removes { 0 } else { files + rows };
        match (originals, rest) {
            (0, 0) => Ok(()),
            (0, _) => Err(CliError::because(
                "what is stored does not fit the database; `--delete` removes what may go",
            )),
            _ => Err(CliError::because(
                "originals are missing or altered: bring them back from a backup",
            )),
        }
    }
}

async fn find_orphans(db: &Db, storage: &dyn Storage, found: &mut Found) -> Result<(), CliError> {
    let mut position = None;
    loop {
        let page = storage.list(position.as_deref()).await?;
        for orphan in orphans(db, page.objects).await? {
            if orphan.is_settled() {
                say(format_args!("file without a row: {}", orphan.listed.key))?;
                found.orphans.push(orphan);
            } else {
                found.under_way += 1;
            }
        }
        position = page.next;
        if position.is_none() {
            return Ok(());
        }
    }
}

async fn forget(db: &Db, damaged: Damaged) -> Result<(), CliError> {
    let Size::Thumbnail(height) = damaged.size else {
        return Ok(());
    };
    if let Some(object) = damaged.image.stored(damaged.size).cloned() {
        let made = StoredThumbnail { height, object };
        db.run(ForgetThumbnail(damaged.image.id, made)).await?;
    }
    Ok(())
}
