//! `tierpix tier …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CliError, place::with_database, tables, user::find_tier};
use crate::{
    config::PlaceSettings,
    db::{
        Database,
        tiers::{DeleteTier, IN_USE, InsertTier, ListTiers, NAME_TAKEN, TierFields, UpdateTier},
    },
    domain::tier::{PositiveCount, ThumbnailHeights, Tier, TierLimits, TierName},
};

/// Manages tiers.
#[derive(Subcommand)]
pub enum TierCommand {
    /// List all tiers.
    List {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Make a tier.
    Add {
        /// The name.
        name: TierName,
        /// Heights of the thumbnails in pixels, as 200,400.
        #[arg(long)]
        heights: ThumbnailHeights,
        #[command(flatten)]
        change: TierChange,
    },
    /// Change a tier; what is not given stays. Counts for the next request of a running service.
    Set {
        /// The tier.
        name: String,
        /// Heights of the thumbnails in pixels, as 200,400.
        #[arg(long)]
        heights: Option<ThumbnailHeights>,
        #[command(flatten)]
        change: TierChange,
    },
    /// Delete a tier that no user has.
    Delete {
        /// The tier.
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What a tier allows. Each flag has its opposite; the last one counts.
#[derive(Args)]
pub struct TierChange {
    /// Give a link to the original.
    #[arg(long, overrides_with = "no_original")]
    original: bool,
    /// Give no link to the original.
    #[arg(long)]
    no_original: bool,
    /// Allow links that expire.
    #[arg(long, overrides_with = "no_expiring_links")]
    expiring_links: bool,
    /// Allow no links that expire.
    #[arg(long)]
    no_expiring_links: bool,
    /// Bytes of one uploaded file.
    #[arg(long, value_name = "BYTES", overrides_with = "no_max_upload_bytes")]
    max_upload_bytes: Option<PositiveCount>,
    /// The server's own limit.
    #[arg(long)]
    no_max_upload_bytes: bool,
    /// Bytes of all originals in store.
    #[arg(long, value_name = "BYTES", overrides_with = "no_storage_quota_bytes")]
    storage_quota_bytes: Option<PositiveCount>,
    /// No limit.
    #[arg(long)]
    no_storage_quota_bytes: bool,
    /// Stored uploads in any 60 minutes.
    #[arg(long, value_name = "COUNT", overrides_with = "no_uploads_per_hour")]
    uploads_per_hour: Option<PositiveCount>,
    /// No limit.
    #[arg(long)]
    no_uploads_per_hour: bool,
}

impl TierChange {
    /// What a tier has after the change.
    fn apply(
        &self,
        original_link: bool,
        expiring_links: bool,
        limits: TierLimits,
    ) -> (bool, bool, TierLimits) {
        let limit = |given: Option<PositiveCount>, none: bool, before| {
            if none { None } else { given.or(before) }
        };
        (
            self.original || (original_link && !self.no_original),
            self.expiring_links || (expiring_links && !self.no_expiring_links),
            TierLimits {
                max_upload_bytes: limit(
                    self.max_upload_bytes,
                    self.no_max_upload_bytes,
                    limits.max_upload_bytes,
                ),
                storage_quota_bytes: limit(
                    self.storage_quota_bytes,
                    self.no_storage_quota_bytes,
                    limits.storage_quota_bytes,
                ),
                uploads_per_hour: limit(
                    self.uploads_per_hour,
                    self.no_uploads_per_hour,
                    limits.uploads_per_hour,
                ),
            },
        )
    }
}

impl TierCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        match self {
            Self::List { json } => {
                with_database(settings, async |database, _| list(database, json).await).await
            }
            Self::Add {
                name,
                heights,
                change,
            } => {
                with_database(settings, async |database, _| {
                    add(database, name, heights, change).await
                })
                .await
            }
            Self::Set {
                name,
                heights,
                change,
            } => {
                with_database(settings, async |database, _| {
                    set(database, &name, heights, change).await
                })
                .await
            }
            Self::Delete { name, yes } => {
                with_database(settings, async |database, _| {
                    delete(database, &name, yes).await
                })
                .await
            }
        }
    }
}

async fn add(
    database: &Database,
    name: TierName,
    thumbnail_heights: ThumbnailHeights,
    change: TierChange,
) -> Result<(), CliError> {
    let (original_link, expiring_links, limits) = change.apply(false, false, TierLimits::default());
    let fields = TierFields {
        name: name.clone(),
        thumbnail_heights,
        original_link,
        expiring_links,
        limits,
    };
    match database.run(InsertTier(fields)).await {
        Err(error) if error.is_constraint(NAME_TAKEN) => {
            return Err(CliError::because(format!("there is a tier {name} already")));
        }
        other => other?,
    };
    tables::say(format_args!("Made the tier {name}."))?;
    Ok(())
}

async fn set(
    database: &Database,
    name: &str,
    heights: Option<ThumbnailHeights>,
    change: TierChange,
) -> Result<(), CliError> {
    let Tier {
        id,
        name,
        thumbnail_heights,
        original_link,
        expiring_links,
        limits,
    } = find_tier(database, name).await?;
    let (original_link, expiring_links, limits) =
        change.apply(original_link, expiring_links, limits);
    let fields = TierFields {
        name: name.clone(),
        thumbnail_heights: heights.unwrap_or(thumbnail_heights),
        original_link,
        expiring_links,
        limits,
    };
    if !database.run(UpdateTier(id, fields)).await? {
        return Err(CliError::because(format!(
            "the tier {name} has just been deleted"
        )));
    }
    tables::say(format_args!("Changed the tier {name}."))?;
    Ok(())
}

async fn delete(database: &Database, name: &str, yes: bool) -> Result<(), CliError> {
    let tier = find_tier(database, name).await?;
    tables::confirm(&format!("Delete the tier {name}?"), yes)?;
    match database.run(DeleteTier(tier.id)).await {
        Err(error) if error.is_constraint(IN_USE) => {
            let tiers = database.run(ListTiers).await?;
            let users = tiers
                .iter()
                .find(|other| other.tier.id == tier.id)
                .map_or(0, |tier| tier.users);
            let users = match users {
                1 => "1 user has".to_owned(),
                users => format!("{users} users have"),
            };
            Err(CliError::because(format!(
                "{users} the tier {name}: give them another one first"
            )))
        }
        other => {
            other?;
            tables::say(format_args!("Deleted the tier {name}."))?;
            Ok(())
        }
    }
}

async fn list(database: &Database, json: bool) -> Result<(), CliError> {
    let tiers = database.run(ListTiers).await?;
    let number = |limit: Option<PositiveCount>| limit.map(PositiveCount::get);
    if json {
        let tiers: Vec<_> = tiers
            .iter()
            .map(|listed| {
                let tier = &listed.tier;
                json!({
                    "id": tier.id,
                    "name": tier.name,
                    "thumbnail_heights": tier.thumbnail_heights,
                    "original_link": tier.original_link,
                    "expiring_links": tier.expiring_links,
                    "max_upload_bytes": number(tier.limits.max_upload_bytes),
                    "storage_quota_bytes": number(tier.limits.storage_quota_bytes),
                    "uploads_per_hour": number(tier.limits.uploads_per_hour),
                    "users": listed.users,
                })
            })
            .collect();
        return tables::print_json(&json!(tiers));
    }
    let shown = |limit| number(limit).map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    let rows = tiers.iter().map(|listed| {
        let tier = &listed.tier;
        vec![
            tier.name.to_string(),
            tier.thumbnail_heights.to_string(),
            tables::yes_no(tier.original_link),
            tables::yes_no(tier.expiring_links),
            shown(tier.limits.max_upload_bytes),
            shown(tier.limits.storage_quota_bytes),
            shown(tier.limits.uploads_per_hour),
            listed.users.to_string(),
        ]
    });
    tables::print(
        &[
            "NAME",
            "HEIGHTS",
            "ORIGINAL",
            "LINKS",
            "MAX UPLOAD",
            "QUOTA",
            "UPLOADS/H",
            "USERS",
        ],
        rows,
    )
}
