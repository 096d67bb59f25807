//! What can be done with several users at once: `POST /admin/users/`.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{LIST, TITLE, delete, form, page};
use crate::{
    admin::{
        confirm::{Confirm, Consequence, is_confirmed},
        form::{Choice, Field, sentence},
        layout::Layout,
        list::{ACTION, SELECTED, selected},
        message::Message,
        panel::Panel,
        posted::Posted,
        table::{bytes, count},
    },
    db::users::{GetListedUser, ListedUser, UpdateUser},
    domain::{
        staff::Refusal,
        tier::TierName,
        user::{UserChange, UserId},
    },
    error::ApiError,
};

/// How many users are taken at once: a page of the list, and then some.
const AT_ONCE: usize = 200;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    SetTier,
    Activate,
    Deactivate,
    Delete,
}

impl Action {
    const ALL: [Self; 4] = [
        Self::SetTier,
        Self::Activate,
        Self::Deactivate,
        Self::Delete,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::SetTier => "set_tier",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::SetTier => "Set the tier",
            Self::Activate => "Activate",
            Self::Deactivate => "Deactivate",
            Self::Delete => "Delete",
        }
    }

    /// As in “2 users were deleted.”
    fn done(self) -> &'static str {
        match self {
            Self::SetTier => "got the tier",
            Self::Activate => "activated",
            Self::Deactivate => "deactivated",
            Self::Delete => "deleted",
        }
    }
}

/// What the list offers.
pub fn choices() -> Vec<Choice> {
    let choice = |action: Action| Choice::new(action.as_str(), action.label());
    Action::ALL.map(choice).into()
}

/// Asks first; then changes one user after the other, each in a transaction of its own, and says who was not changed.
pub async fn act(panel: Panel, posted: Posted) -> Result<HttpResponse, ApiError> {
    let here = format!("{LIST}{}", panel.params);
    let chosen = posted.get(ACTION).unwrap_or_default();
    let action = Action::ALL
        .into_iter()
        .find(|action| action.as_str() == chosen);
    let users = users(&panel, &posted).await?;
    let (Some(action), false) = (action, users.is_empty()) else {
        let text = "Select users and choose what to do with them. Nothing was changed.";
        return panel.see(&here, &Message::warning(text));
    };
    if !is_confirmed(&posted) {
        return ask(&panel, StatusCode::OK, action, &users, None).await;
    }
    let change = match action {
        Action::SetTier => match tier(&panel, &posted).await? {
            Ok(tier) => Some(UserChange {
                tier: Some(tier),
                ..UserChange::default()
            }),
            Err(field) => {
                return ask(
                    &panel,
                    StatusCode::BAD_REQUEST,
                    action,
                    &users,
                    Some(*field),
                )
                .await;
            }
        },
        Action::Activate | Action::Deactivate => Some(UserChange {
            is_active: Some(action == Action::Activate),
            ..UserChange::default()
        }),
        Action::Delete => None,
    };
    let mut refused = Vec::new();
    for user in &users {
        if let Err(refusal) = make(&panel, user.user.id, change.as_ref()).await? {
            refused.push(format!("{}: {}", user.user.username, sentence(&refusal)));
        }
    }
    let made = count((users.len() - refused.len()) as i64, "user");
    let text = match action {
        Action::SetTier => format!("{made} {}.", action.done()),
        _ => format!("{}: {made}.", capitalised(action.done())),
    };
    let message = if refused.is_empty() {
        Message::success(text)
    } else {
        Message::warning(format!("{text} Not changed: {}", refused.join(" ")))
    };
    panel.see(&here, &message)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// Deletes the user where there is no change.
async fn make(
    panel: &Panel,
    id: UserId,
    change: Option<&UserChange>,
) -> Result<Result<(), Refusal>, ApiError> {
    let Some(change) = change else {
        return delete::remove(panel, id).await;
    };
    let update = UpdateUser::fields(panel.by.clone(), id, change.clone());
    Ok(panel.make(update).await?.map(drop))
}

/// Those of the selected users that there are.
async fn users(panel: &Panel, posted: &Posted) -> Result<Vec<ListedUser>, ApiError> {
    let mut users = Vec::new();
    for id in selected::<i64>(posted).into_iter().take(AT_ONCE) {
        users.extend(panel.run(GetListedUser(UserId(id))).await?);
    }
    Ok(users)
}

/// What is chosen to take the tier away; no tier's name begins with a blank. Nothing chosen is no choice.
const NO_TIER: &str = " none";

/// The tier that was chosen, or the field with what is wrong.
async fn tier(
    panel: &Panel,
    posted: &Posted,
) -> Result<Result<Option<TierName>, Box<Field>>, ApiError> {
    let chosen = posted.get("tier").unwrap_or_default();
    if chosen == NO_TIER {
        return Ok(Ok(None));
    }
    let mut field = tier_field(panel).await?;
    if chosen.is_empty() {
        field.errors.push("Choose a tier.".to_owned());
        return Ok(Err(Box::new(field)));
    }
    match chosen.parse() {
        Ok(name) => Ok(Ok(Some(name))),
        Err(invalid) => {
            field.errors.push(invalid.to_string());
            Ok(Err(Box::new(field)))
        }
    }
}

async fn tier_field(panel: &Panel) -> Result<Field, ApiError> {
    let mut tiers = form::tiers(panel, "Choose a tier").await?;
    tiers.push(Choice::new(NO_TIER, "None: cannot upload"));
    Ok(Field::select("tier", "Tier", tiers, "").required())
}

#[derive(Template)]
#[template(path = "admin/users/set_tier.html")]
struct SetTierPage<'a> {
    layout: Layout,
    field: Field,
    users: &'a [ListedUser],
    hidden: Vec<(String, String)>,
    cancel: String,
}

/// Asks for what is still to be known, and whether it shall be done.
async fn ask(
    panel: &Panel,
    status: StatusCode,
    action: Action,
    users: &[ListedUser],
    field: Option<Field>,
) -> Result<HttpResponse, ApiError> {
    let title = format!("{}: {}", action.label(), count(users.len() as i64, "user"));
    let layout = panel.layout(title).below(TITLE, LIST);
    let cancel = format!("{LIST}{}", panel.params);
    let hidden = hidden(action, users);
    if action == Action::SetTier {
        let field = match field {
            Some(field) => field,
            None => tier_field(panel).await?,
        };
        let page = SetTierPage {
            layout: layout.failed(!field.errors.is_empty()),
            field,
            users,
            hidden,
            cancel,
        };
        return panel.page_with(status, &page);
    }
    let question = match action {
        Action::Delete => {
            "Shall these users be deleted, with all of their images and links? They cannot be brought back."
        }
        Action::Deactivate => "Shall these users be deactivated? Their sessions end at once.",
        Action::Activate | Action::SetTier => "Shall these users be activated?",
    };
    let mut page = Confirm::deletion(layout, question, cancel);
    page.dangerous = action != Action::Activate;
    page.button = match action {
        Action::Delete => "Yes, delete",
        Action::Deactivate => "Yes, deactivate",
        Action::Activate | Action::SetTier => "Yes, activate",
    };
    page.hidden = hidden;
    page.consequences = vec![named(users)];
    panel.page_with(status, &page)
}

fn hidden(action: Action, users: &[ListedUser]) -> Vec<(String, String)> {
    let selected = users
        .iter()
        .map(|user| (SELECTED, user.user.id.0.to_string()));
    let fields = [(ACTION, action.as_str().to_owned())]
        .into_iter()
        .chain(selected);
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn named(users: &[ListedUser]) -> Consequence {
    let images: i64 = users.iter().map(|user| user.images).sum();
    let stored: i64 = users.iter().map(|user| user.stored_bytes).sum();
    let names = users
        .iter()
        .map(|user| (user.user.username.to_string(), Some(page(user.user.id))))
        .collect();
    let all = count(users.len() as i64, "user");
    let images = count(images, "image");
    let sentence = format!("{all} with {images} of {} in all:", bytes(stored));
    Consequence::named(sentence, names, users.len() as i64)
}
