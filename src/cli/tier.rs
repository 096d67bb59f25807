//! `tierpix tier …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError,
    place::{ops, with_database},
    tables,
};
use crate::{
    config::PlaceSettings,
    db::{
        Database,
        tiers::{DeleteTier, FindTier, InsertTier, ListTiers, UpdateTier},
    },
    domain::{
        staff::{Actor, ForVersion, Refusal},
        tier::{PositiveCount, ThumbnailHeights, Tier, TierChange, TierFields, TierName},
    },
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
        flags: TierFlags,
    },
    /// Change a tier; what is not given stays. Counts for the next request of a running service.
    Set {
        /// The tier.
        name: TierName,
        /// Heights of the thumbnails in pixels, as 200,400.
        #[arg(long)]
        heights: Option<ThumbnailHeights>,
        #[command(flatten)]
        flags: TierFlags,
    },
    /// Delete a tier that no user has.
    Delete {
        /// The tier.
        name: TierName,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What a tier allows. Each flag has its opposite; the last one counts.
#[derive(Args)]
pub struct TierFlags {
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

impl TierFlags {
    /// The change that the flags ask for.
    fn change(&self) -> TierChange {
        let flag = |yes: bool, no: bool| (yes || no).then_some(yes);
        let limit = |given: Option<PositiveCount>, none: bool| {
            if none { Some(None) } else { given.map(Some) }
        };
        TierChange {
            name: None,
            thumbnail_heights: None,
            original_link: flag(self.original, self.no_original),
            expiring_links: flag(self.expiring_links, self.no_expiring_links),
            max_upload_bytes: limit(self.max_upload_bytes, self.no_max_upload_bytes),
            storage_quota_bytes: limit(self.storage_quota_bytes, self.no_storage_quota_bytes),
            uploads_per_hour: limit(self.uploads_per_hour, self.no_uploads_per_hour),
        }
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
                flags,
            } => {
                with_database(settings, async |database, _| {
                    add(database, name, heights, &flags).await
                })
                .await
            }
            Self::Set {
                name,
                heights,
                flags,
            } => {
                with_database(settings, async |database, _| {
                    set(database, &name, heights, &flags).await
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
    heights: ThumbnailHeights,
    flags: &TierFlags,
) -> Result<(), CliError> {
    let insert = InsertTier {
        by: Actor::CommandLine,
        tier: flags.change().apply(TierFields::new(name, heights)),
    };
    let made = ops(database).make(insert).await??;
    tables::say(format_args!("Made the tier {}.", made.tier.name))
}

async fn set(
    database: &Database,
    name: &TierName,
    heights: Option<ThumbnailHeights>,
    flags: &TierFlags,
) -> Result<(), CliError> {
    let update = UpdateTier {
        by: Actor::CommandLine,
        id: find_tier(database, name).await?.id,
        version: ForVersion::Any,
        change: TierChange {
            thumbnail_heights: heights,
            ..flags.change()
        },
    };
    ops(database).make(update).await??;
    tables::say(format_args!("Changed the tier {name}."))
}

async fn delete(database: &Database, name: &TierName, yes: bool) -> Result<(), CliError> {
    let tier = find_tier(database, name).await?;
    tables::confirm(&format!("Delete the tier {name}?"), yes)?;
    let delete = DeleteTier {
        by: Actor::CommandLine,
        id: tier.id,
        version: ForVersion::Any,
    };
    ops(database).make(delete).await??;
    tables::say(format_args!("Deleted the tier {name}."))
}

/// The tier of this name, or an error that says how to find those that are there.
async fn find_tier(database: &Database, name: &TierName) -> Result<Tier, CliError> {
    let tier = database.run(FindTier(name.to_string())).await?;
    Ok(tier.ok_or_else(|| Refusal::NoSuchTier(name.clone()))?)
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
