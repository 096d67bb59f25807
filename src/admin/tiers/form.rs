//! The form of a tier.

use crate::{
    admin::{
        form::{Choice, Field, Form},
        table::bytes,
    },
    config::UploadSettings,
    db::tiers::ListedTier,
    domain::{
        fields::Fields,
        tier::{PositiveCount, ThumbnailHeights, Tier, TierLimits},
    },
};

const HEIGHTS: &str = "thumbnail_heights";
const MORE_HEIGHTS: &str = "more_heights";

/// Heights that are offered to be chosen.
const COMMON_HEIGHTS: [u32; 8] = [100, 150, 200, 300, 400, 600, 800, 1000];

/// The form of a tier that there is, or of a new one.
pub fn form(listed: Option<&ListedTier>, settings: &UploadSettings) -> Form {
    let tier = listed.map(|listed| &listed.tier);
    let limits = tier.map_or_else(TierLimits::default, |tier| tier.limits);
    let name = tier.map_or("", |tier| tier.name.as_str());
    let heights = tier.map(|tier| tier.thumbnail_heights.to_string());
    let fields = vec![
        Field::text("name", "Name", name)
            .required()
            .help("At most 50 characters."),
        Field::digits(HEIGHTS, "Thumbnail heights", heights.unwrap_or_default())
            .required()
            .help("In pixels, as 200,400: 1 to 10 different ones from 1 to 1000, in the order in which they are answered."),
        Field::checkboxes(MORE_HEIGHTS, "Heights to add", offered(tier)),
        Field::checkbox(
            "original_link",
            "Link to the original",
            tier.is_some_and(|tier| tier.original_link),
        ),
        Field::checkbox(
            "expiring_links",
            "Links that expire",
            tier.is_some_and(|tier| tier.expiring_links),
        ),
        limit("max_upload_bytes", "Bytes of one upload", limits.max_upload_bytes).help(format!(
            "Empty: the server’s own limit, {}.",
            bytes(i64::try_from(settings.max_upload_bytes.get()).unwrap_or(i64::MAX))
        )),
        limit("storage_quota_bytes", "Bytes in store", limits.storage_quota_bytes)
            .help("Of all originals of one user. Empty: no limit."),
        limit("uploads_per_hour", "Uploads an hour", limits.uploads_per_hour)
            .help("Of one user, in any 60 minutes. Empty: no limit."),
    ];
    Form::new(listed.map(|listed| listed.version), fields)
}

fn limit(name: &'static str, label: &'static str, limit: Option<PositiveCount>) -> Field {
    let limit = limit.map(|limit| limit.get().to_string());
    Field::digits(name, label, limit.unwrap_or_default())
}

/// The common heights that the tier does not have.
fn offered(tier: Option<&Tier>) -> Vec<Choice> {
    let has = |height| tier.is_some_and(|tier| tier.thumbnail_heights.as_slice().contains(height));
    COMMON_HEIGHTS
        .iter()
        .filter(|height| !has(height))
        .map(|height| Choice::new(height.to_string(), format!("{height} px")))
        .collect()
}

/// What was typed, the chosen heights behind the typed ones.
pub fn fields(form: &Form) -> Fields {
    let mut fields = form.to_fields();
    fields.remove(MORE_HEIGHTS);
    let heights = with_chosen(form.value(HEIGHTS), form.value(MORE_HEIGHTS));
    fields.insert(HEIGHTS.to_owned(), heights.into());
    fields
}

/// A height that is both typed and chosen is meant once.
fn with_chosen(typed: &str, chosen: &str) -> String {
    let is_typed = |height: &&str| typed.split(',').any(|typed| typed.trim() == *height);
    let chosen = chosen.split(',').filter(|height| !height.is_empty());
    let typed_first = Some(typed).filter(|typed| !typed.trim().is_empty());
    typed_first
        .into_iter()
        .chain(chosen.filter(|height| !is_typed(height)))
        .collect::<Vec<_>>()
        .join(",")
}

/// The heights of one list that are not in another.
pub fn added(before: &ThumbnailHeights, after: &ThumbnailHeights) -> Vec<u32> {
    let heights = after.as_slice().iter();
    heights
        .filter(|height| !before.as_slice().contains(height))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_heights_stand_behind_the_typed_ones() {
        assert_eq!(with_chosen("200", "400,600"), "200,400,600");
        assert_eq!(with_chosen(" ", "400"), "400");
        assert_eq!(with_chosen("200, 400", "400"), "200, 400");
        assert_eq!(with_chosen("200,400,", "600"), "200,400,,600");
        assert_eq!(with_chosen("", ""), "");
    }
}
