//! `tierpix keys …`.

use clap::Subcommand;
use serde_json::json;

use super::{
    CliError,
    place::{ops, with_database},
    tables,
};
use crate::{
    config::PlaceSettings,
    db::{
        Database,
        signing_keys::{CountLinksByKey, InsertSigningKey, ListSigningKeys, WithdrawSigningKey},
    },
    domain::{
        link::KeyId,
        staff::{Actor, Refusal},
        timestamp,
    },
};

/// Manages the keys that sign links.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// List all keys and how many live links each has signed.
    List {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Make a new key, which signs from now on; links of the others live on.
    Rotate,
    /// Withdraw a key: its links open nothing any more.
    Withdraw {
        /// The key, by its id.
        id: i32,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

impl KeysCommand {
    /// Runs the command.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        with_database(settings, async |database, _| match self {
            Self::List { json } => list(database, json).await,
            Self::Rotate => rotate(database).await,
            Self::Withdraw { id, yes } => withdraw(database, KeyId(id), yes).await,
        })
        .await
    }
}

async fn rotate(database: &Database) -> Result<(), CliError> {
    let insert = InsertSigningKey {
        by: Actor::CommandLine,
        salt: rand::random(),
    };
    let id = ops(database).make(insert).await??;
    tables::say(format_args!(
        "Made the key {}, which signs from now on.",
        id.0
    ))
}

async fn withdraw(database: &Database, id: KeyId, yes: bool) -> Result<(), CliError> {
    let keys = database.run(ListSigningKeys).await?;
    if !keys.iter().any(|key| key.id == id) {
        return Err(CliError::because(format!("there is no key {}", id.0)));
    }
    let links = database
        .run(CountLinksByKey)
        .await?
        .get(&id)
        .copied()
        .unwrap_or(0);
    tables::confirm(
        &format!("Withdraw the key {}, and end its {links} live links?", id.0),
        yes,
    )?;
    let by = Actor::CommandLine;
    match ops(database).make(WithdrawSigningKey { by, id }).await? {
        Err(Refusal::LastKey) => {
            return Err(CliError::because(format!(
                "the key {} is the only one that signs: run `tierpix keys rotate` first",
                id.0
            )));
        }
        other => other?,
    }
    tables::say(format_args!(
        "Withdrew the key {}; {links} live links have ended.",
        id.0
    ))
}

async fn list(database: &Database, json: bool) -> Result<(), CliError> {
    let keys = database.run(ListSigningKeys).await?;
    let links = database.run(CountLinksByKey).await?;
    let signing = keys
        .iter()
        .rev()
        .find(|key| key.withdrawn_at.is_none())
        .map(|key| key.id);
    let state = |key: &crate::db::signing_keys::StoredKey| match key.withdrawn_at {
        Some(_) => "withdrawn",
        None if Some(key.id) == signing => "signs",
        None => "opens",
    };
    let count = |id| links.get(&id).copied().unwrap_or(0);
    if json {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "id": key.id.0,
                    "state": state(key),
                    "created_at": timestamp::text(key.created_at),
                    "withdrawn_at": key.withdrawn_at.map(timestamp::text),
                    "live_links": count(key.id),
                })
            })
            .collect();
        return tables::print_json(&json!(keys));
    }
    let rows = keys.iter().map(|key| {
        vec![
            key.id.0.to_string(),
            state(key).to_owned(),
            timestamp::text(key.created_at),
            key.withdrawn_at.map(timestamp::text).unwrap_or_default(),
            count(key.id).to_string(),
        ]
    });
    tables::print(&["KEY", "STATE", "MADE", "WITHDRAWN", "LIVE LINKS"], rows)
}
