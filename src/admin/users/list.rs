//! `/admin/users/`.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE, bulk, form, page};
use crate::{
    admin::{
        cursor,
        form::{Choice, Field},
        layout::Layout,
        list::{List, ORDERING, PAGE, SEARCH},
        panel::Panel,
        table::{Cell, Column, Row, bytes, grouped},
        url::Params,
    },
    db::users::{FindUsers, ListedUser, UserPlace},
    domain::{
        fields::{FieldErrors, Fields},
        staff::Power,
        user::UserFilter,
    },
    error::ApiError,
};

/// How many users a page holds.
const PAGE_SIZE: u32 = 50;

#[derive(Template)]
#[template(path = "admin/users/list.html")]
struct ListPage {
    layout: Layout,
    list: List,
    may_add: bool,
}

/// `GET /admin/users/`.
pub async fn page_of_users(panel: Panel) -> Result<HttpResponse, ApiError> {
    let list = match UserFilter::parse(&fields(&panel.params)) {
        Ok(filter) => found(&panel, filter).await?,
        Err(errors) => {
            let mut list = list(&panel, Vec::new()).await?;
            list.refuse(&in_the_panels_words(errors));
            return show(&panel, StatusCode::BAD_REQUEST, list);
        }
    };
    show(&panel, StatusCode::OK, list)
}

fn show(panel: &Panel, status: StatusCode, list: List) -> Result<HttpResponse, ApiError> {
    let page = ListPage {
        layout: panel.layout(TITLE).failed(status != StatusCode::OK),
        list,
        may_add: panel.may(Power::ManageUsers),
    };
    panel.page_with(status, &page)
}

/// The parameters in the API's words.
fn fields(params: &Params) -> Fields {
    let mut fields = params.without(PAGE).fields();
    if let Some(search) = fields.remove(SEARCH) {
        fields.insert("search".to_owned(), search);
    }
    let of_the_staff = match params.get("role") {
        "staff" => true,
        "none" => false,
        _ => return fields,
    };
    fields.remove("role");
    fields.insert("is_staff".to_owned(), of_the_staff.into());
    fields
}

fn in_the_panels_words(FieldErrors(mut errors): FieldErrors) -> FieldErrors {
    if let Some(sentences) = errors.remove("search") {
        errors.insert(SEARCH, sentences);
    }
    FieldErrors(errors)
}

async fn found(panel: &Panel, filter: UserFilter) -> Result<List, ApiError> {
    let order = filter.order;
    let position = cursor::position(panel, |place: &UserPlace| place.is_in(order));
    let find = FindUsers {
        filter,
        position: position.clone(),
        size: PAGE_SIZE,
    };
    let found = panel.run(find).await?;
    let list = list(panel, found.rows.iter().map(row).collect()).await?;
    list.paged(&position, &found, |user| UserPlace::of(user, order))
}

async fn list(panel: &Panel, rows: Vec<Row>) -> Result<List, ApiError> {
    let caption = format!("Users, {} on this page", rows.len());
    let mut list = List::new(caption, LIST, &panel.params, columns(), rows)
        .filtered(filters(panel).await?)
        .sorted(
            &[(0, "username"), (6, "stored_bytes"), (7, "created_at")],
            "username",
        );
    if panel.may(Power::ManageUsers) {
        list.actions = bulk::choices();
    }
    Ok(list)
}

async fn filters(panel: &Panel) -> Result<Vec<Field>, ApiError> {
    let mut roles = form::roles("All");
    roles.push(Choice::new("staff", "any of the staff"));
    roles.push(Choice::new("none", "not of the staff"));
    let active = vec![
        Choice::new("", "All"),
        Choice::new("true", "Yes"),
        Choice::new("false", "No"),
    ];
    let orders = vec![
        Choice::new("", "Username"),
        Choice::new("-username", "Username, last first"),
        Choice::new("-stored_bytes", "Most in store"),
        Choice::new("stored_bytes", "Least in store"),
        Choice::new("-created_at", "Newest"),
        Choice::new("created_at", "Oldest"),
    ];
    Ok(vec![
        Field::text(SEARCH, "Username or e-mail", ""),
        Field::select("tier", "Tier", form::tiers(panel, "All").await?, ""),
        Field::select("role", "Role", roles, ""),
        Field::select("is_active", "Active", active, ""),
        Field::select(ORDERING, "Order", orders, ""),
    ])
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Username"),
        Column::text("E-mail"),
        Column::text("Tier"),
        Column::text("Role"),
        Column::text("Active"),
        Column::number("Images"),
        Column::number("In store"),
        Column::text("Added"),
        Column::text("Last login"),
    ]
}

fn row(listed: &ListedUser) -> Row {
    let user = &listed.user;
    Row::new(
        user.id.0,
        &user.username,
        vec![
            Cell::link(page(user.id), &user.username),
            Cell::optional(user.email.as_ref().map(|email| email.as_str())),
            Cell::optional(listed.tier.as_ref()),
            Cell::optional(user.role),
            Cell::Flag(user.is_active),
            Cell::text(grouped(listed.images)),
            Cell::text(bytes(listed.stored_bytes)),
            Cell::Time(Some(listed.created_at)),
            Cell::Time(listed.last_login_at),
        ],
    )
}
