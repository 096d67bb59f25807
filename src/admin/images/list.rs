//! `/admin/images/`: a gallery, or a table.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE, bulk, page, thumbnail_of};
use crate::{
    admin::{
        cursor,
        form::{Choice, Field},
        layout::Layout,
        list::{List, ORDERING, PAGE, SEARCH, VIEW},
        panel::Panel,
        table::{Cell, Column, Row, bytes},
        url::Params,
        users,
    },
    db::images::{FindImages, ImagePlace, ListedImage},
    domain::{
        fields::{FieldErrors, Fields},
        image::{Format, ImageFilter},
        staff::Power,
    },
    error::ApiError,
};

/// How many images a page holds.
const PAGE_SIZE: u32 = 48;
/// The view that is not the gallery.
const TABLE: &str = "table";
/// Bytes by which images can be filtered.
const BYTES: [i64; 6] = [
    100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 50_000_000,
];

#[derive(Template)]
#[template(path = "admin/images/list.html")]
struct ListPage {
    layout: Layout,
    list: List,
    /// The ways to show it: what they are called, where they are, and whether it is this one.
    views: [(&'static str, String, bool); 2],
    /// Where to upload for somebody.
    upload: Option<String>,
}

/// `GET /admin/images/`.
pub async fn page_of_images(panel: Panel) -> Result<HttpResponse, ApiError> {
    match ImageFilter::parse(&fields(&panel.params)) {
        Ok(filter) => {
            let list = found(&panel, filter).await?;
            show(&panel, StatusCode::OK, list)
        }
        Err(errors) => {
            let mut list = list(&panel, Vec::new());
            list.refuse(&in_the_panels_words(errors));
            show(&panel, StatusCode::BAD_REQUEST, list)
        }
    }
}

fn show(panel: &Panel, status: StatusCode, list: List) -> Result<HttpResponse, ApiError> {
    let view = |name: &'static str, view: &str| {
        let href = format!("{LIST}{}", panel.params.with(VIEW, view));
        (name, href, list.gallery == view.is_empty())
    };
    let page = ListPage {
        layout: panel.layout(TITLE).failed(status != StatusCode::OK),
        views: [view("Gallery", ""), view("Table", TABLE)],
        upload: panel.may(Power::ManageService).then(|| {
            let user = panel.params.get("user");
            format!("{LIST}add/{}", Params::default().with("user", user))
        }),
        list,
    };
    panel.page_with(status, &page)
}

/// The parameters in the API's words.
fn fields(params: &Params) -> Fields {
    let mut fields = params.without(PAGE).without(VIEW).fields();
    if let Some(search) = fields.remove(SEARCH) {
        fields.insert("file_name".to_owned(), search);
    }
    fields
}

fn in_the_panels_words(FieldErrors(mut errors): FieldErrors) -> FieldErrors {
    if let Some(sentences) = errors.remove("file_name") {
        errors.insert(SEARCH, sentences);
    }
    FieldErrors(errors)
}

async fn found(panel: &Panel, filter: ImageFilter) -> Result<List, ApiError> {
    let order = filter.order;
    let position = cursor::position(panel, |place: &ImagePlace| place.is_in(order));
    let find = FindImages {
        filter,
        position: position.clone(),
        size: PAGE_SIZE,
    };
    let found = panel.run(find).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for image in &found.rows {
        rows.push(row(panel, image).await?);
    }
    let list = list(panel, rows);
    list.paged(&position, &found, |listed| {
        ImagePlace::of(&listed.image, order)
    })
}

fn list(panel: &Panel, rows: Vec<Row>) -> List {
    let caption = format!("Images, {} on this page", rows.len());
    let mut list = List::new(caption, LIST, &panel.params, columns(), rows)
        .filtered(filters(&panel.params))
        .sorted(&[(4, "bytes"), (5, "created_at")], "-created_at");
    list.gallery = panel.params.get(VIEW) != TABLE;
    if panel.may(Power::ManageUsers) {
        list.actions = bulk::choices();
    }
    list
}

fn filters(params: &Params) -> Vec<Field> {
    let formats = [Format::Jpeg, Format::Png];
    let formats = formats.map(|format| Choice::new(format.name(), format.name().to_uppercase()));
    let orders = vec![
        Choice::new("", "Newest"),
        Choice::new("created_at", "Oldest"),
        Choice::new("-bytes", "Largest"),
        Choice::new("bytes", "Smallest"),
    ];
    let any = [Choice::new("", "All")];
    vec![
        Field::text(SEARCH, "File name", ""),
        Field::text("user", "User", ""),
        Field::select(
            "format",
            "Type",
            any.into_iter().chain(formats).collect(),
            "",
        ),
        Field::select("min_bytes", "At least", sizes(params, "min_bytes"), ""),
        Field::select("max_bytes", "At most", sizes(params, "max_bytes"), ""),
        Field::date("created_after", "Stored from"),
        Field::date("created_before", "Stored before"),
        Field::select(ORDERING, "Order", orders, ""),
    ]
}

/// The sizes to choose from, and the one in the URL if it is another.
fn sizes(params: &Params, name: &str) -> Vec<Choice> {
    let given = params.get(name).parse().ok();
    let given = given.filter(|size| *size > 0 && !BYTES.contains(size));
    let mut sizes: Vec<i64> = BYTES.into_iter().chain(given).collect();
    sizes.sort_unstable();
    let sizes = sizes
        .into_iter()
        .map(|size| Choice::new(size.to_string(), bytes(size)));
    [Choice::new("", "Any size")]
        .into_iter()
        .chain(sizes)
        .collect()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("File name"),
        Column::text("User"),
        Column::text("Type"),
        Column::number("Pixels"),
        Column::number("Size"),
        Column::text("Stored"),
    ]
}

async fn row(panel: &Panel, listed: &ListedImage) -> Result<Row, ApiError> {
    let image = &listed.image;
    let dimensions = image.dimensions;
    let cells = vec![
        Cell::link(page(image.id), image.file_name.as_str()),
        Cell::link(users::page(image.user), &listed.username),
        Cell::text(image.format.name().to_uppercase()),
        Cell::text(format!("{} × {}", dimensions.width, dimensions.height)),
        Cell::text(bytes(
            i64::try_from(image.original.bytes).unwrap_or(i64::MAX),
        )),
        Cell::Time(Some(image.created_at)),
    ];
    let mut row = Row::new(image.id, image.file_name.as_str(), cells);
    row.picture = Some(thumbnail_of(panel, image, listed.tier).await?);
    Ok(row)
}
