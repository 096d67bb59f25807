//! `tierpix createsuperuser`.

use std::io::{IsTerminal, Write, stdin, stdout};

use clap::Args;

use super::{CliError, passwords, place::with_database, tables, user::insert};
use crate::{
    config::PlaceSettings,
    domain::{
        staff::StaffRole,
        tier::TierName,
        user::{Email, Password, UserFields, Username},
    },
};

/// The variable that holds the password for `--no-input`.
pub(super) const PASSWORD: &str = "TIERPIX_SUPERUSER_PASSWORD";

/// Makes a user who may do everything.
#[derive(Args)]
pub struct CreateSuperuser {
    /// The name to log in with.
    #[arg(long)]
    username: Option<Username>,
    /// The e-mail address.
    #[arg(long)]
    email: Option<Email>,
    /// The tier.
    #[arg(long, default_value = "Enterprise")]
    tier: TierName,
    /// Ask nothing; the password is in TIERPIX_SUPERUSER_PASSWORD.
    #[arg(long)]
    no_input: bool,
}

impl CreateSuperuser {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        let (username, email, password) = if self.no_input {
            self.given()
        } else {
            self.asked()
        }?;
        with_database(settings, async |database, _| {
            let user = UserFields {
                email,
                tier: Some(self.tier.clone()),
                role: Some(StaffRole::Superuser),
                ..UserFields::new(username.clone())
            };
            insert(database, user, password).await
        })
        .await?;
        tables::say(format_args!("Made the superuser {username}."))
    }

    fn given(&self) -> Result<(Username, Option<Email>, Password), CliError> {
        let username = self.username.clone();
        let username = username.ok_or_else(|| CliError::because("--no-input needs --username"))?;
        let password = std::env::var(PASSWORD).map_err(|_| {
            CliError::because(format!("--no-input needs the password in {PASSWORD}"))
        })?;
        let password = password
            .parse()
            .map_err(|invalid| CliError::because(format!("{PASSWORD}: {invalid}")))?;
        Ok((username, self.email.clone(), password))
    }

    fn asked(&self) -> Result<(Username, Option<Email>, Password), CliError> {
        if !stdin().is_terminal() {
            return Err(CliError::because(
                "there is no terminal to ask on: use --no-input",
            ));
        }
        let username = match &self.username {
            Some(username) => username.clone(),
            None => ask("Username: ", |text| Ok(text.parse()?))?,
        };
        let email = match &self.email {
            Some(email) => Some(email.clone()),
            None => ask("E-mail address (may be empty): ", |text| {
                if text.is_empty() {
                    Ok(None)
                } else {
                    Ok(Some(text.parse()?))
                }
            })?,
        };
        Ok((username, email, passwords::ask()?))
    }
}

/// Asks until the answer is valid.
fn ask<T>(question: &str, read: impl Fn(&str) -> Result<T, CliError>) -> Result<T, CliError> {
    loop {
        write!(stdout(), "{question}")?;
        stdout().flush()?;
        let mut answer = String::new();
        if stdin().read_line(&mut answer)? == 0 {
            return Err(CliError::because("nothing was done"));
        }
        match read(answer.trim()) {
            Ok(value) => return Ok(value),
            Err(error) => tables::note(format_args!("{error}")),
        }
    }
}
