//! `/admin/tiers/`: there are never so many that they need pages.

use actix_web::HttpResponse;
use askama::Template;

use super::{LIST, TITLE, page};
use crate::{
    admin::{
        form::{Choice, Field},
        layout::Layout,
        list::{List, ORDERING, SEARCH},
        panel::Panel,
        table::{Cell, Column, Row, bytes, count, grouped},
        url::Params,
        users,
    },
    db::tiers::{ListTiers, ListedTier},
    domain::{
        staff::Power,
        tier::{PositiveCount, TierLimits},
    },
    error::ApiError,
};

#[derive(Template)]
#[template(path = "admin/tiers/list.html")]
struct ListPage {
    layout: Layout,
    list: List,
    may_add: bool,
}

/// `GET /admin/tiers/`.
pub async fn page_of_tiers(panel: Panel) -> Result<HttpResponse, ApiError> {
    let mut tiers = panel.run(ListTiers).await?;
    tiers.retain(|tier| is_wanted(tier, &panel.params));
    order(&mut tiers, panel.params.get(ORDERING));
    let caption = count(tiers.len() as i64, "tier");
    let rows = tiers.iter().map(row).collect();
    let list = List::new(caption, LIST, &panel.params, columns(), rows)
        .filtered(filters())
        .sorted(&[(0, "name"), (5, "users")], "");
    panel.page(&ListPage {
        layout: panel.layout(TITLE),
        list,
        may_add: panel.may(Power::ManageService),
    })
}

fn filters() -> Vec<Field> {
    let any_or = || {
        vec![
            Choice::new("", "All"),
            Choice::new("yes", "Yes"),
            Choice::new("no", "No"),
        ]
    };
    vec![
        Field::text(SEARCH, "Name", ""),
        Field::select("original", "Link to the original", any_or(), ""),
        Field::select("links", "Expiring links", any_or(), ""),
    ]
}

/// A filter of another word than the two lets everything through.
fn is_wanted(listed: &ListedTier, params: &Params) -> bool {
    let tier = &listed.tier;
    let permission = |filter, has: bool| match params.get(filter) {
        "yes" => has,
        "no" => !has,
        _ => true,
    };
    let name = tier.name.as_str().to_lowercase();
    name.contains(&params.get(SEARCH).trim().to_lowercase())
        && permission("original", tier.original_link)
        && permission("links", tier.expiring_links)
}

fn order(tiers: &mut [ListedTier], ordering: &str) {
    match ordering.trim_start_matches('-') {
        "name" => tiers.sort_by_key(|listed| listed.tier.name.as_str().to_lowercase()),
        "users" => tiers.sort_by_key(|listed| listed.users),
        _ => return,
    }
    if ordering.starts_with('-') {
        tiers.reverse();
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::text("Thumbnail heights"),
        Column::text("Original"),
        Column::text("Expiring links"),
        Column::text("Limits"),
        Column::number("Users"),
    ]
}

fn row(listed: &ListedTier) -> Row {
    let tier = &listed.tier;
    Row::new(
        tier.id.0,
        &tier.name,
        vec![
            Cell::link(page(listed), &tier.name),
            Cell::text(tier.thumbnail_heights.to_string().replace(',', ", ")),
            Cell::Flag(tier.original_link),
            Cell::Flag(tier.expiring_links),
            Cell::text(limits(&tier.limits)),
            Cell::link(users::of_tier(&tier.name), grouped(listed.users)),
        ],
    )
}

fn limits(limits: &TierLimits) -> String {
    let text =
        |limit: Option<PositiveCount>, text: fn(i64) -> String| limit.map(|it| text(it.get()));
    let given = [
        text(limits.max_upload_bytes, |limit| {
            format!("{} a file", bytes(limit))
        }),
        text(limits.storage_quota_bytes, |limit| {
            format!("{} in store", bytes(limit))
        }),
        text(limits.uploads_per_hour, |limit| {
            format!("{} an hour", count(limit, "upload"))
        }),
    ];
    let given: Vec<_> = given.into_iter().flatten().collect();
    if given.is_empty() {
        "–".to_owned()
    } else {
        given.join(", ")
    }
}
