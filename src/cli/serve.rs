//! `tierpix serve`.

mod first_start;

use std::{net::SocketAddr, sync::Arc};

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{CliError, place::Place};
use crate::{
    app::{self, Listener, Parts},
    config::{HttpSettings, PlaceSettings, UploadSettings},
    datadir::DataDir,
    db::{Database, embedded::Embedded, migrations},
    secret::SecretKey,
    storage::{LocalStorage, Spool},
};

/// Connections to the database: what the embedded one has for us.
const CONNECTIONS: usize = 16;

/// Starts the service.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    http: HttpSettings,
    #[command(flatten)]
    uploads: UploadSettings,
    /// Leave the database's schema as it is.
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    /// Serves until a signal comes. What cannot work is told before anything is started.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        let _lock = data_dir.lock_for_serving()?;
        let listener = Listener::bind(self.http.bind)?;
        let mut signals = Signals::new()?;
        let mut place = tokio::select! {
            place = Place::to_serve(settings, data_dir) => place?,
            () = signals.next() => return Ok(()),
        };
        let served = self.serve(&mut place, listener, &mut signals).await;
        place.leave().await?;
        served
    }

    async fn serve(
        self,
        place: &mut Place,
        listener: Listener,
        signals: &mut Signals,
    ) -> Result<(), CliError> {
        self.migrate(place).await?;
        let database = Database::new(place.config.clone(), CONNECTIONS)?;
        let url = url(listener.address());
        if place.embedded.is_some() {
            first_start::make_admin(&database, &place.data_dir, &url).await?;
        }
        let data = place.data_dir.path();
        let secret = match self.http.secret_key.clone() {
            Some(secret) => secret,
            None => SecretKey::load_or_generate(&data.join("secret.key"))?,
        };
        let running = app::start(Parts {
            storage: Arc::new(LocalStorage::in_data_dir(&place.data_dir)?),
            spool: Spool::open(&data.join("spool"))?,
            http: self.http,
            uploads: self.uploads,
            listener,
            database,
            secret,
        })
        .await?;
        println!("tierpix serves on {url}/");
        let lost = tokio::select! {
            () = signals.next() => None,
            error = ended(place.embedded.as_mut()) => Some(error),
        };
        tracing::info!("stopping");
        tokio::select! {
            stopped = running.stop() => stopped?,
            // Whoever insists does not want to wait.
            () = signals.next() => {}
        }
        lost.map_or(Ok(()), Err)
    }

    async fn migrate(&self, place: &Place) -> Result<(), CliError> {
        let mut client = place.connect().await?;
        if self.no_migrate {
            let pending = migrations::pending(&mut client).await?;
            if !pending.is_empty() {
                tracing::warn!(?pending, "the schema is not up to date");
            }
            return Ok(());
        }
        for name in migrations::apply(&mut client).await? {
            tracing::info!(name, "applied a migration");
        }
        Ok(())
    }
}

/// As a person on this machine types it.
fn url(address: SocketAddr) -> String {
    let port = address.port();
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("http://localhost:{port}")
    } else {
        format!("http://{address}")
    }
}

/// Waits for an embedded database to end by itself.
async fn ended(embedded: Option<&mut Embedded>) -> CliError {
    match embedded {
        Some(embedded) => embedded.ended().await.into(),
        None => std::future::pending().await,
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, CliError> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
