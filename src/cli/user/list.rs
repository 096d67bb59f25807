//! `tierpix user list`.

use serde_json::json;

use crate::{
    cli::{CliError, tables},
    db::{Database, users::ListUsers},
    domain::staff::StaffRole,
};

/// Prints all users by name, as a table or as JSON.
pub async fn print(database: &Database, json: bool) -> Result<(), CliError> {
    let users = database.run(ListUsers).await?;
    if json {
        let users: Vec<_> = users
            .iter()
            .map(|listed| {
                json!({
                    "username": listed.user.username,
                    "email": listed.user.email,
                    "tier": listed.tier,
                    "role": listed.user.role,
                    "is_staff": listed.user.role.is_some(),
                    "is_superuser": listed.user.role == Some(StaffRole::Superuser),
                    "is_active": listed.user.is_active,
                })
            })
            .collect();
        return tables::print_json(&json!(users));
    }
    let rows = users.into_iter().map(|listed| {
        let user = listed.user;
        vec![
            user.username.to_string(),
            listed.tier.map(|tier| tier.to_string()).unwrap_or_default(),
            user.email
                .map(|email| email.as_str().to_owned())
                .unwrap_or_default(),
            user.role.map(|role| role.to_string()).unwrap_or_default(),
            tables::yes_no(user.is_active),
        ]
    });
    tables::print(&["USERNAME", "TIER", "E-MAIL", "ROLE", "ACTIVE"], rows)
}
