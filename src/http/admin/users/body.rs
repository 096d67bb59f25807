//! Users as bodies have them.

use std::borrow::Cow;

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    db::users::ListedUser,
    domain::user::{UserFields, UserId},
    http::openapi::with_required,
};

/// A user as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedUser, examples(json!({
    "id": 7,
    "username": "anna",
    "email": null,
    "tier": "Premium",
    "role": null,
    "is_active": true,
    "created_at": "2026-11-23T12:00:00.000Z",
    "last_login_at": null,
    "usage": { "images": 3, "stored_bytes": 51234 }
})))]
pub struct UserBody {
    #[schema(value_type = i64)]
    id: UserId,
    #[serde(flatten)]
    fields: UserFields,
    /// When it was made.
    #[serde(serialize_with = "crate::domain::timestamp::serialize")]
    created_at: OffsetDateTime,
    /// When it last logged in by the form.
    #[serde(serialize_with = "crate::domain::timestamp::serialize_option")]
    #[schema(required = true)]
    last_login_at: Option<OffsetDateTime>,
    usage: UsageBody,
}

/// What a user keeps.
#[derive(Serialize, ToSchema)]
#[schema(as = Stored)]
struct UsageBody {
    images: i64,
    /// Bytes of all originals.
    stored_bytes: i64,
}

impl UserBody {
    /// Of what the database has.
    pub fn new(listed: &ListedUser) -> Self {
        Self {
            id: listed.user.id,
            fields: listed.fields(),
            created_at: listed.created_at,
            last_login_at: listed.last_login_at,
            usage: UsageBody {
                images: listed.images,
                stored_bytes: listed.stored_bytes,
            },
        }
    }
}

/// A page of users.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form of what paging::answer writes")]
pub struct UserPage {
    /// The URL of the next page; null on the last one.
    #[schema(required = true, format = "uri")]
    next: Option<String>,
    /// The URL of the page before; null on the first one.
    #[schema(required = true, format = "uri")]
    previous: Option<String>,
    results: Vec<UserBody>,
}

/// Which users are listed, and in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "describes parameters, of which every fault is told at once"
)]
pub struct UserQuery {
    /// What the user name or the e-mail address begins with, upper and lower case alike.
    #[param(value_type = String, required = false)]
    search: (),
    /// The tier's name.
    #[param(value_type = String, required = false, example = "Premium")]
    tier: (),
    #[param(inline, value_type = RoleName, required = false)]
    role: (),
    /// Whether they are of the staff.
    #[param(value_type = bool, required = false)]
    is_staff: (),
    /// Whether they can log in.
    #[param(value_type = bool, required = false)]
    is_active: (),
    /// What they are ordered by; with `-` in front the other way round.
    #[param(inline, value_type = UserOrdering, required = false)]
    ordering: (),
}

/// `viewer`: sees everything. `manager`: also changes users who are not of the staff, and images. `superuser`: does
/// everything.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes how a StaffRole is written")]
pub enum RoleName {
    Viewer,
    Manager,
    Superuser,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes how a UserOrder is written")]
enum UserOrdering {
    #[schema(rename = "username")]
    Username,
    #[schema(rename = "-username")]
    UsernameDescending,
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    #[schema(rename = "stored_bytes")]
    StoredBytes,
    #[schema(rename = "-stored_bytes")]
    StoredBytesDescending,
}

/// What changes a user. What is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = UserChange, examples(json!({ "username": "anna", "password": "correct horse", "tier": "Premium" })))]
#[expect(
    dead_code,
    reason = "describes the body, of which every fault is told at once"
)]
pub struct UserChangeBody {
    /// Of one user only. A new user needs one.
    #[schema(nullable = false, max_length = 150, format = "username")]
    username: Option<String>,
    /// No answer shows it. A new user needs one.
    #[schema(
        nullable = false,
        format = "password",
        min_length = 8,
        max_length = 1024
    )]
    password: Option<String>,
    #[schema(format = "email")]
    email: Option<String>,
    /// The tier's name; null: without one, which keeps no images.
    tier: Option<String>,
    /// What the user may do as staff; null: nothing.
    role: Option<RoleName>,
    /// Whether the user can log in.
    #[schema(nullable = false, default = true)]
    is_active: Option<bool>,
}

/// What makes a user: as a change, but with a name and a password.
pub struct NewUserBody;

impl PartialSchema for NewUserBody {
    fn schema() -> RefOr<Schema> {
        with_required("UserChange", ["username", "password"])
    }
}

impl ToSchema for NewUserBody {
    fn name() -> Cow<'static, str> {
        "NewUser".into()
    }
}
