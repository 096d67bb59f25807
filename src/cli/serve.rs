//! `tierpix serve`.

mod first_start;

use std::sync::Arc;

use clap::Args;

use super::{
    CliError,
    place::{self, Place},
    signals::Signals,
    tables,
};
use crate::{
    actors::Db,
    app::{self, Listener, Parts},
    config::{HttpSettings, PlaceSettings, SecretSettings, UpkeepSettings, UploadSettings},
    datadir::{DataDir, DataDirError, Uses},
    db::{embedded::Embedded, migrations},
    machine,
    secret::SecretKey,
    site::Site,
    storage::{LocalStorage, Spool, Storage, StorageError, StorageUrl},
};

/// Starts the service.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    http: HttpSettings,
    #[command(flatten)]
    uploads: UploadSettings,
    #[command(flatten)]
    secret: SecretSettings,
    #[command(flatten)]
    upkeep: UpkeepSettings,
    /// Connections to the database that the service has at most, the one included by which it listens for changes. A command
    /// needs one or two more.
    #[arg(long, env = "TIERPIX_DATABASE_CONNECTIONS", value_name = "COUNT", default_value = "17", value_parser = clap::value_parser!(u16).range(2..=1000))]
    database_connections: u16,
    /// Leave the database's schema as it is.
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    /// Serves until a signal comes. What cannot work is told before anything is started.
    pub async fn run(self, settings: &PlaceSettings) -> Result<(), CliError> {
        if self.http.media_redirect
            && !matches!(settings.storage_url, Some(StorageUrl::Bucket { .. }))
        {
            return Err(CliError::because(
                "TIERPIX_MEDIA_REDIRECT: there is no bucket to send clients to; set TIERPIX_STORAGE_URL to one",
            ));
        }
        if self.http.sendfile_header.is_some() {
            if self.http.trusted_proxies.is_empty() {
                return Err(CliError::because(
                    "TIERPIX_SENDFILE_HEADER: there is no proxy to send files; name it in TIERPIX_TRUSTED_PROXIES",
                ));
            }
            if let Some(StorageUrl::Bucket { .. }) = settings.storage_url {
                return Err(CliError::because(
                    "TIERPIX_SENDFILE_HEADER: no proxy can read the files of a bucket; TIERPIX_MEDIA_REDIRECT sends clients there",
                ));
            }
        }
        let data_dir = DataDir::open(&settings.data_dir)?;
        let _lock = data_dir.lock_for_serving()?;
        let listener = Listener::bind(&self.http.bind)?;
        let files = Files::open(settings, &data_dir, self.secret.secret_key.clone())?;
        match machine::open_files() {
            Ok(limit) => tracing::debug!(?limit, "files and connections that may be open"),
            Err(error) => tracing::warn!(%error, "connections are limited to few"),
        }
        let mut signals = Signals::new()?;
        let mut place = tokio::select! {
            place = Place::to_serve(settings, data_dir) => place?,
            () = signals.next() => return Ok(()),
        };
        let served = self.serve(&mut place, listener, files, &mut signals).await;
        place.leave().await?;
        served
    }

    async fn serve(
        self,
        place: &mut Place,
        listener: Listener,
        files: Files,
        signals: &mut Signals,
    ) -> Result<(), CliError> {
        self.migrate(place).await?;
        // One listens.
        let database = place.pool(usize::from(self.database_connections) - 1)?;
        if let Some(warning) = place.too_few_connections(self.database_connections).await? {
            tracing::warn!("{warning}");
        }
        let site = place.require_own_site(&database).await?;
        // Before anything is told or made that a refusal would make worthless.
        Site::new(Db::start(database.clone()), files.storage.clone())
            .start()
            .await?;
        place.record(site)?;
        let url = listener.address().url();
        if place.embedded.is_some() {
            first_start::make_admin(&database, &place.data_dir, &url).await?;
        }
        let running = app::start(Parts {
            storage: files.storage,
            spool: files.spool,
            http: self.http,
            uploads: self.uploads,
            upkeep: self.upkeep,
            listener,
            database,
            secret: files.secret,
        })
        .await?;
        tables::say(format_args!("tierpix serves on {url}/"))?;
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
            return place::refuse_pending(&mut client).await;
        }
        for name in migrations::apply(&mut client).await? {
            tracing::info!(name, "applied a migration");
        }
        Ok(())
    }
}

/// What the service has in its data directory besides the database.
struct Files {
    secret: SecretKey,
    storage: Arc<dyn Storage>,
    spool: Spool,
}

impl Files {
    fn open(
        settings: &PlaceSettings,
        data_dir: &DataDir,
        secret: Option<SecretKey>,
    ) -> Result<Self, CliError> {
        let in_data_dir = |name| data_dir.path().join(name);
        let (key, spool) = (in_data_dir("secret.key"), in_data_dir("spool"));
        let storage = place::storage(settings, data_dir)?;
        if let StorageUrl::Folder(folder) = storage.url() {
            LocalStorage::require_usable_folders(&folder).map_err(StorageError::from)?;
        }
        Ok(Self {
            secret: match secret {
                Some(secret) => secret,
                // A new one would end every link, and be backed up in the place of the right one.
                None if Uses::path(data_dir).exists() => SecretKey::load(&key).map_err(|error| {
                    CliError::because(format!(
                        "{}: {error}: bring the secret of the service back from a backup, or set TIERPIX_SECRET_KEY to it",
                        key.display()
                    ))
                })?,
                None => SecretKey::load_or_generate(&key).map_err(DataDirError::unusable(&key))?,
            },
            storage,
            spool: Spool::open(&spool).map_err(DataDirError::unusable(&spool))?,
        })
    }
}

/// Waits for an embedded database to end by itself.
async fn ended(embedded: Option<&mut Embedded>) -> CliError {
    match embedded {
        Some(embedded) => embedded.ended().await.into(),
        None => std::future::pending().await,
    }
}
