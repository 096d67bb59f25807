//! The form of a user.

use crate::{
    admin::{
        form::{Choice, Field, Form},
        panel::Panel,
    },
    db::{DbError, tiers::ListTierNames, users::ListedUser},
    domain::{
        staff::{Power, StaffRole},
        user::Password,
    },
};

/// The form of a user that there is, or of a new one.
pub async fn form(panel: &Panel, listed: Option<&ListedUser>) -> Result<Form, DbError> {
    let user = listed.map(|listed| &listed.user);
    let email = user.and_then(|user| user.email.as_ref());
    let role = user.and_then(|user| user.role);
    let tier = listed.and_then(|listed| listed.tier.as_ref());
    let mut role = Field::select(
        "role",
        "Role",
        roles("Not of the staff"),
        role.map_or("", StaffRole::as_str),
    )
    .help("Viewers see everything here, managers change users and images, superusers everything.");
    role.read_only = !panel.may(Power::ManageService);
    let mut fields = vec![
        Field::text(
            "username",
            "Username",
            user.map_or("", |user| user.username.as_str()),
        )
        .required()
        .help("At most 150 letters, digits and @ . + - _"),
        Field::email(
            "email",
            "E-mail address",
            email.map_or("", |email| email.as_str()),
        ),
        Field::select(
            "tier",
            "Tier",
            tiers(panel, "None: cannot upload").await?,
            tier.map_or("", |tier| tier.as_str()),
        ),
        role,
        Field::checkbox(
            "is_active",
            "Active",
            user.is_none_or(|user| user.is_active),
        )
        .help("Who is not active cannot log in; deactivating ends all sessions at once."),
    ];
    if user.is_none() {
        fields.splice(1..1, passwords());
    }
    Ok(Form::new(listed.map(|listed| listed.version), fields))
}

/// A new password, typed twice.
pub fn passwords() -> [Field; 2] {
    let help = format!(
        "{} to {} characters.",
        Password::MIN_CHARS,
        Password::MAX_CHARS
    );
    [
        Field::password("password", "Password")
            .required()
            .help(help),
        Field::password("password_again", "Password, once more").required(),
    ]
}

/// Whether both passwords are the same; if not, that is told beside the second.
pub fn passwords_agree(form: &mut Form) -> bool {
    let agree = form.value("password") == form.value("password_again");
    if !agree {
        form.refuse_field("password_again", "The two passwords differ.");
    }
    agree
}

/// The tiers to choose from, or none.
pub async fn tiers(panel: &Panel, none: &str) -> Result<Vec<Choice>, DbError> {
    let names = panel.run(ListTierNames).await?;
    let names = names
        .iter()
        .map(|name| Choice::new(name.as_str(), name.as_str()));
    Ok([Choice::new("", none)].into_iter().chain(names).collect())
}

/// The roles to choose from, or none.
pub fn roles(none: &str) -> Vec<Choice> {
    let roles = StaffRole::ALL.map(|role| Choice::new(role.as_str(), role.as_str()));
    [Choice::new("", none)].into_iter().chain(roles).collect()
}
