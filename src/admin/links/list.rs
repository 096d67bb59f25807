//! `/admin/links/`: the links that expire, and how they are used.

use actix_web::{HttpResponse, http::StatusCode};
use time::OffsetDateTime;

use super::{LIST, REVOKE, TITLE};
use crate::{
    admin::{
        cursor,
        form::{Choice, Field},
        images,
        list::{List, ListPage, PAGE},
        panel::Panel,
        table::{Cell, Column, Row, grouped},
        url::Params,
        users,
    },
    db::{
        links::{FindLinks, LinkPlace, ListedLink},
        pages::Position,
    },
    domain::{
        image::ImageId,
        link::{LinkFilter, MaxUses},
        staff::Power,
    },
    error::ApiError,
};

/// How many links a page holds.
const PAGE_SIZE: u32 = 50;

/// `GET /admin/links/`.
pub async fn page_of_links(panel: Panel) -> Result<HttpResponse, ApiError> {
    match LinkFilter::parse(&panel.params.without(PAGE).fields()) {
        Ok(filter) => {
            let position = cursor::position(&panel, |_: &LinkPlace| true);
            let find = FindLinks {
                filter,
                position: position.clone(),
                size: PAGE_SIZE,
            };
            let found = panel.run(find).await?;
            let list = list(&panel, found.rows.iter().map(row).collect());
            let place = |listed: &ListedLink| LinkPlace::of(&listed.link);
            let list = list.paged(&position, &found, place)?;
            ListPage::show(&panel, StatusCode::OK, TITLE, list)
        }
        Err(errors) => {
            let mut list = list(&panel, Vec::new());
            list.refuse(&errors);
            ListPage::show(&panel, StatusCode::BAD_REQUEST, TITLE, list)
        }
    }
}

/// The links of an image; what is done with them is done on the page of all links.
pub async fn of_image(panel: &Panel, image: ImageId) -> Result<List, ApiError> {
    let find = FindLinks {
        filter: LinkFilter {
            image: Some(image),
            ..LinkFilter::default()
        },
        position: Position::Start,
        size: PAGE_SIZE,
    };
    let found = panel.run(find).await?;
    let rows = found.rows.iter().map(row).collect();
    let params = Params::default().with("image", &image.to_string());
    let mut list = List::new("Links to this image", LIST, &params, columns(), rows);
    list.empty = "No link was made to this image.".to_owned();
    if panel.may(Power::ManageUsers) {
        list.actions = REVOKE.choices();
    }
    if found.has_next {
        list.next = Some(list.here());
    }
    Ok(list)
}

fn list(panel: &Panel, rows: Vec<Row>) -> List {
    let caption = format!("Links, {} on this page", rows.len());
    let live = vec![
        Choice::new("", "All"),
        Choice::new("true", "Yes"),
        Choice::new("false", "No"),
    ];
    let filters = vec![
        Field::text("user", "User", ""),
        Field::text("image", "Id of the image", ""),
        Field::select("is_live", "Can be opened", live, ""),
    ];
    let list = List::new(caption, LIST, &panel.params, columns(), rows);
    let mut list = list.filtered(filters);
    if panel.may(Power::ManageUsers) {
        list.actions = REVOKE.choices();
    }
    list
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Image"),
        Column::text("User"),
        Column::text("Opens"),
        Column::text("State"),
        Column::text("Expires"),
        Column::number("Uses"),
        Column::text("Last used"),
    ]
}

fn row(listed: &ListedLink) -> Row {
    let link = &listed.link;
    let uses = match link.max_uses.map(MaxUses::get) {
        Some(most) => format!("{} of {}", link.uses, grouped(most.into())),
        None => grouped(link.uses.into()),
    };
    let cells = vec![
        Cell::link(images::page(link.image), &listed.file_name),
        Cell::link(users::page(listed.user), &listed.username),
        Cell::text(link.size),
        Cell::text(state(listed, OffsetDateTime::now_utc())),
        Cell::Time(Some(link.claims.expires_at)),
        Cell::text(uses),
        Cell::Time(link.last_used_at),
    ];
    let name = format!("the link to {}", listed.file_name);
    Row::new(link.claims.id.0, name, cells)
}

fn state(listed: &ListedLink, now: OffsetDateTime) -> &'static str {
    let link = &listed.link;
    if link.revoked_at.is_some() {
        "revoked"
    } else if listed.key_withdrawn {
        "key withdrawn"
    } else if link.claims.expires_at <= now {
        "expired"
    } else if link.can_open(now) {
        "can be opened"
    } else {
        "used up"
    }
}
