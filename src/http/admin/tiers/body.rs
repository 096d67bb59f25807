//! Tiers as bodies have them.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, RefOr, Schema, Type},
};

use crate::{
    db::tiers::ListedTier,
    domain::tier::{ThumbnailHeights, TierFields, TierId},
    http::openapi::with_required,
};

/// A tier as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedTier, examples(json!({
    "id": 2,
    "name": "Premium",
    "thumbnail_heights": [200, 400],
    "original_link": true,
    "expiring_links": false,
    "max_upload_bytes": null,
    "storage_quota_bytes": 1_073_741_824,
    "uploads_per_hour": 100,
    "users": 17
})))]
pub struct TierBody {
    #[schema(value_type = i64)]
    id: TierId,
    #[serde(flatten)]
    fields: TierFields,
    /// How many users have it.
    users: i64,
}

/// All tiers.
#[derive(Serialize, ToSchema)]
pub struct Tiers {
    /// Oldest first.
    pub results: Vec<TierBody>,
}

/// What changes a tier. What is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = TierChange, examples(json!({
    "name": "Gold",
    "thumbnail_heights": [100, 300, 800],
    "original_link": true,
    "expiring_links": false,
    "uploads_per_hour": 100
})))]
#[expect(
    dead_code,
    reason = "describes the body, of which every fault is told at once"
)]
pub struct TierChangeBody {
    /// Unique among tiers. A new tier needs one.
    #[schema(min_length = 1, max_length = 50, nullable = false)]
    name: Option<String>,
    /// A new tier needs them.
    #[schema(schema_with = heights)]
    thumbnail_heights: Option<Vec<u32>>,
    /// Whether uploads are answered with a link to the original.
    #[schema(nullable = false, default = false)]
    original_link: Option<bool>,
    /// Whether links that expire can be asked for. Without, the live ones of the tier's users end.
    #[schema(nullable = false, default = false)]
    expiring_links: Option<bool>,
    /// Bytes of one uploaded file; null: the server's own.
    #[schema(minimum = 1)]
    max_upload_bytes: Option<i64>,
    /// Bytes of all originals in store; null: no limit.
    #[schema(minimum = 1)]
    storage_quota_bytes: Option<i64>,
    /// Stored uploads in any 60 minutes; null: no limit.
    #[schema(minimum = 1)]
    uploads_per_hour: Option<i64>,
}

fn heights() -> Array {
    let height = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(ThumbnailHeights::MAX_HEIGHT));
    ArrayBuilder::new()
        .items(height)
        .min_items(Some(1))
        .max_items(Some(ThumbnailHeights::MAX_COUNT))
        .unique_items(true)
        .description(Some(
            "1 to 10 different heights in pixels, in the order in which the thumbnails are to be answered.",
        ))
        .build()
}

/// What makes a tier: as a change, but with a name and heights.
pub struct NewTierBody;

impl PartialSchema for NewTierBody {
    fn schema() -> RefOr<Schema> {
        with_required("TierChange", ["name", "thumbnail_heights"])
    }
}

impl ToSchema for NewTierBody {
    fn name() -> Cow<'static, str> {
        "NewTier".into()
    }
}

impl TierBody {
    /// Of what the database has.
    pub fn new(listed: &ListedTier) -> Self {
        Self {
            id: listed.tier.id,
            fields: listed.tier.fields(),
            users: listed.users,
        }
    }
}
