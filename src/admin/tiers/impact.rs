//! What a change of a tier means for those who have it, told before it is made.

use super::form;
use crate::{
    actors::background_threads,
    admin::{
        confirm::Consequence,
        panel::Panel,
        table::{bytes, count},
    },
    db::{
        DbError,
        tiers::{GetTierImpact, ListedTier, TierImpact},
    },
    domain::{job::about, tier::TierFields},
    error::ApiError,
};

/// The button that leads from the consequences back to the form.
pub const EDIT: &str = "_edit";

/// The button that makes the change and then the thumbnails that images lack.
pub const BACKFILL: &str = "_backfill";

/// What a change means.
#[derive(Default)]
pub struct Impact {
    /// What to tell; nothing if it means nothing to anybody.
    pub consequences: Vec<Consequence>,
    /// Whether images lack a thumbnail then, as far as is known.
    pub lacks_thumbnails: bool,
}

/// Asks what a change would mean.
pub async fn of(panel: &Panel, tier: &ListedTier, after: &TierFields) -> Result<Impact, ApiError> {
    let before = tier.tier.fields();
    let added = form::added(&before.thumbnail_heights, &after.thumbnail_heights);
    let removed = form::added(&after.thumbnail_heights, &before.thumbnail_heights);
    let mut sentences = Vec::new();
    if tier.users == 0 || before == *after {
        return Ok(Impact::default());
    }
    let question = GetTierImpact {
        tier: tier.tier.id,
        added: added.clone(),
        quota: after.limits.storage_quota_bytes,
    };
    let impact = match panel.run(question).await {
        Ok(impact) => Some(impact),
        // There is so much that it cannot be counted in time: the change can be made all the same.
        Err(DbError::Unavailable(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if !added.is_empty() {
        sentences.push(new_heights(panel, &added, impact.as_ref()));
    }
    if !removed.is_empty() {
        sentences.push(format!(
            "Thumbnails of {} are no longer answered. Their URLs that were given out stay good.",
            pixels(&removed)
        ));
    }
    if before.original_link != after.original_link {
        let sentence = if after.original_link {
            "Uploads are answered with a link to the original."
        } else {
            "Uploads are no longer answered with a link to the original."
        };
        sentences.push(sentence.to_owned());
    }
    if before.expiring_links && !after.expiring_links {
        let links = impact
            .as_ref()
            .map(|impact| told(impact, "about ", impact.live_links, "link"));
        let links = links.unwrap_or_else(|| "every link".to_owned());
        sentences.push(format!("No links that expire can be made any more; {links} that could still be opened will end."));
    } else if before.expiring_links != after.expiring_links {
        sentences.push("Links that expire can be made.".to_owned());
    }
    if before.limits != after.limits {
        sentences.push("The new limits count from the next upload on.".to_owned());
    }
    if before.limits.storage_quota_bytes != after.limits.storage_quota_bytes
        && let (Some(quota), Some(impact)) = (after.limits.storage_quota_bytes, &impact)
        && impact.over_quota > 0
    {
        let users = count(impact.over_quota, "user");
        let quota = bytes(quota.get());
        sentences.push(format!("{users} with more than {quota} in store cannot upload until they have deleted something."));
    }
    if sentences.is_empty() {
        return Ok(Impact::default());
    }
    let users = count(tier.users, "user");
    sentences.insert(
        0,
        format!("The change is for {users}, from the next request on."),
    );
    let none_lacks = impact.is_some_and(|it| it.lacking.images == 0 && !it.is_estimate);
    Ok(Impact {
        consequences: sentences.into_iter().map(Consequence::plain).collect(),
        lacks_thumbnails: !added.is_empty() && !none_lacks,
    })
}

fn new_heights(panel: &Panel, added: &[u32], impact: Option<&TierImpact>) -> String {
    let added = pixels(added);
    let Some(impact) = impact else {
        return format!(
            "How many images lack a thumbnail of {added} could not be counted in time."
        );
    };
    if impact.lacking.images == 0 && impact.is_estimate {
        return format!("Few images or none lack a thumbnail of {added}.");
    }
    if impact.lacking.images == 0 {
        return format!("No image lacks a thumbnail of {added}.");
    }
    let verb = if impact.lacking.images == 1 {
        "lacks"
    } else {
        "lack"
    };
    let images = told(impact, "About ", impact.lacking.images, "image");
    let threads = background_threads(panel.service.thumbnailer.threads());
    let time = about(impact.lacking.estimate(threads));
    format!(
        "{images} {verb} a thumbnail of {added}. Making them all takes {time}; each that is asked for before is made at that moment."
    )
}

/// So many of them; in thousands, and said to be about right, where that is an estimate.
fn told(impact: &TierImpact, about: &str, number: i64, one: &str) -> String {
    if !impact.is_estimate {
        return count(number, one);
    }
    let thousands = ((number + 500) / 1000).max(1) * 1000;
    format!("{about}{}", count(thousands, one))
}

/// As `200 px and 400 px`.
fn pixels(heights: &[u32]) -> String {
    let heights: Vec<_> = heights
        .iter()
        .map(|height| format!("{height} px"))
        .collect();
    heights.join(" and ")
}
