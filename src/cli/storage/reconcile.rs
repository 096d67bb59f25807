//! `tierpix storage reconcile`.

use std::time::Duration;

use clap::Args;

use crate::{
    actors::Db,
    admin::table::{bytes, count},
    cli::{
        CliError,
        place::{storage, with_database},
        tables::{confirm, say},
    },
    config::{PlaceSettings, UpkeepSettings},
    db::{
        images::{ForgetThumbnail, PageImages, StoredThumbnail},
        site::ReleaseSweep,
    },
    domain::image::Size,
    reconcile::{Damage, Damaged, Look, Removal, damaged},
    site::Site,
    storage::{Listed, Storage},
};

/// How many images are read in one query.
const PAGE: i64 = 500;

/// A grace period after which nothing is removed.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// How many foreign files are named.
const NAMED: usize = 20;

/// Compares files and rows.
#[derive(Args)]
pub struct Reconcile {
    /// Remove orphaned files whose grace period is over, and the rows of thumbnails whose files are gone: those are made
    /// again when they are asked for.
    #[arg(long)]
    delete: bool,
    /// Remove exactly this many orphaned files, also if that is an unusual number.
    #[arg(long, value_name = "FILES", requires = "delete")]
    expect: Option<i64>,
    /// Also read every file, to find those whose bytes were altered.
    #[arg(long)]
    verify: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    upkeep: UpkeepSettings,
}

/// What does not match.
#[derive(Default)]
struct Mismatch {
    /// Files that no row names, those included whose grace period is not over.
    orphans: i64,
    /// Partial writes, and files of deleted images.
    leftovers: Vec<Listed>,
    under_way: i64,
    foreign: usize,
    thumbnails: Vec<Damaged>,
    originals: i64,
}

impl Reconcile {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, data_dir| {
            let (db, storage) = (Db::start(database.clone()), storage(settings, data_dir)?);
            Site::new(db.clone(), storage.clone())
                .check_or_mark()
                .await?;
            let mut look = Look::begin(&db, &*storage, self.upkeep.orphan_grace).await?;
            let mut found = Mismatch::default();
            let removal = compare(&mut look, &mut found).await?;
            find_damage(&db, &*storage, self.verify, &mut found).await?;
            tell(&found, &removal)?;
            if self.delete {
                self.remove(&db, &*storage, &look, &removal, &mut found)
                    .await?;
            }
            found.outcome()
        })
        .await
    }

    /// Removes what may go.
    async fn remove(
        &self,
        db: &Db,
        storage: &dyn Storage,
        look: &Look<'_>,
        removal: &Removal,
        found: &mut Mismatch,
    ) -> Result<(), CliError> {
        let Removal { files, own, .. } = *removal;
        match self.expect {
            Some(expected) if expected != files => {
                return Err(CliError::because(format!(
                    "{} may be removed, not {expected}: nothing was removed",
                    count(files, "orphaned file")
                )));
            }
            None if removal.is_unusual() => {
                return Err(CliError::because(format!(
                    "nothing was removed: {} of {own} are orphaned files whose grace period is over, which is unusual. If the \
                     database is the right one and whole, `--expect {files}` removes them",
                    count(files, "file")
                )));
            }
            _ => {}
        }
        let (leftovers, rows) = (found.leftovers.len(), found.thumbnails.len());
        let all = files.saturating_add_unsigned(leftovers as u64);
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        if all + rows == 0 {
            return Ok(());
        }
        let what = format!("{} and {}", count(all, "file"), count(rows, "row"));
        confirm(&format!("Remove {what}?"), self.yes)?;
        for leftover in found.leftovers.drain(..) {
            storage.delete_key(&leftover.key).await?;
        }
        let mut after = String::new();
        while let Some(removed) = look.remove_some(after).await? {
            if let Some(error) = removed.failures.into_iter().next() {
                return Err(error.into());
            }
            found.orphans -= i64::try_from(removed.keys.len()).unwrap_or(i64::MAX);
            after = removed.last;
        }
        for one in found.thumbnails.drain(..) {
            forget(db, one).await?;
        }
        db.run(ReleaseSweep).await?;
        say(format_args!("Removed {what}."))
    }
}

/// Compares every file with the database, reads it, and says what does not match. Fails if anything does not.
pub async fn verify(db: &Db, storage: &dyn Storage) -> Result<(), CliError> {
    let mut look = Look::begin(db, storage, CENTURY).await?;
    let mut found = Mismatch::default();
    let removal = compare(&mut look, &mut found).await?;
    find_damage(db, storage, true, &mut found).await?;
    tell(&found, &removal)?;
    found.outcome()
}

async fn find_damage(
    db: &Db,
    storage: &dyn Storage,
    verify: bool,
    found: &mut Mismatch,
) -> Result<(), CliError> {
    let mut after = None;
    loop {
        let images = db.run(PageImages(after, PAGE)).await?;
        let Some(last) = images.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for one in damaged(db, storage, verify, &images).await? {
            let how = match one.damage {
                Damage::Missing => "missing",
                Damage::Altered => "altered",
            };
            let (image, name) = (one.image.id, one.image.object(one.size));
            let kind = match one.size {
                Size::Original => "original",
                Size::Thumbnail(_) => "thumbnail",
            };
            say(format_args!("{kind} {how}: {name}, of the image {image}"))?;
            match one.size {
                Size::Original => found.originals += 1,
                Size::Thumbnail(_) => found.thumbnails.push(one),
            }
        }
    }
}

async fn compare(look: &mut Look<'_>, found: &mut Mismatch) -> Result<Removal, CliError> {
    let mut position = None;
    loop {
        let (page, next) = look.page(position.as_deref()).await?;
        for orphan in &page.orphans {
            say(format_args!("orphaned file: {}", orphan.key))?;
        }
        for leftover in &page.leftovers {
            say(format_args!("left over: {}", leftover.key))?;
        }
        for foreign in page.foreign {
            found.foreign += 1;
            if found.foreign <= NAMED {
                say(format_args!("not tierpix's own: {}", foreign.key))?;
            }
        }
        found.orphans += i64::try_from(page.orphans.len()).unwrap_or(i64::MAX);
        found.leftovers.extend(page.leftovers);
        found.under_way += page.under_way;
        position = next;
        if position.is_none() {
            return Ok(look.removal().await?);
        }
    }
}

fn tell(found: &Mismatch, removal: &Removal) -> Result<(), CliError> {
    let leftovers = i64::try_from(found.leftovers.len()).unwrap_or(i64::MAX);
    let thumbnails = i64::try_from(found.thumbnails.len()).unwrap_or(i64::MAX);
    say(format_args!(
        "{}, {} left over, {} missing or altered, {} missing or altered.",
        count(found.orphans, "orphaned file"),
        count(leftovers, "file"),
        count(thumbnails, "thumbnail"),
        count(found.originals, "original"),
    ))?;
    if found.orphans > 0 {
        say(format_args!(
            "The grace period is over for {} ({}).",
            count(removal.files, "orphaned file"),
            bytes(removal.bytes)
        ))?;
    }
    if found.under_way > 0 {
        let files = count(found.under_way, "file");
        say(format_args!(
            "{files} without a row may still be under way."
        ))?;
    }
    if found.foreign > 0 {
        let files = count(i64::try_from(found.foreign).unwrap_or(i64::MAX), "file");
        say(format_args!(
            "{files} not written by tierpix: never touched."
        ))?;
    }
    Ok(())
}

impl Mismatch {
    fn outcome(&self) -> Result<(), CliError> {
        if self.originals > 0 {
            return Err(CliError::because(
                "originals are missing or altered: bring them back from a backup",
            ));
        }
        if self.orphans > 0 || !self.leftovers.is_empty() || !self.thumbnails.is_empty() {
            return Err(CliError::because(
                "the stored files do not match the database; `--delete` removes what may go",
            ));
        }
        Ok(())
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
