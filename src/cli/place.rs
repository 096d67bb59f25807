//! Finds the database and the storage that a command works on, and says which they are.

pub mod record;

use std::{sync::Arc, time::Duration};

use tokio_postgres::Client;

use super::{CliError, tables};
use crate::{
    actors::Db,
    config::PlaceSettings,
    datadir::{DataDir, DataDirError, Uses},
    db::{Database, DbError, Server, embedded::Embedded, migrations, site::GetSite},
    domain::site::SiteId,
    ops::Ops,
    storage::{LocalStorage, Storage, StorageError, StorageUrl},
};

#[cfg(feature = "s3")]
use crate::storage::S3Storage;

/// How long the database may take to take a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// What a command does with a data directory that has no database yet, or is another site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Refuses: there is nothing to work on.
    Work,
    /// Makes an embedded database; another site's data directory is refused.
    Create,
    /// As [`Purpose::Create`], whichever site used the data directory before.
    Replace,
}

/// The database of a command, and the server to stop afterwards if it is ours.
pub struct Place {
    /// The data directory.
    pub data_dir: DataDir,
    /// How to connect.
    server: Server,
    /// How to connect past a pooler.
    direct: Server,
    /// The embedded server, if that is what we are connected to.
    pub embedded: Option<Embedded>,
    /// Where the storage is, for people.
    storage: String,
    /// What the data directory's service uses.
    uses: Option<Uses>,
}

impl Place {
    /// For `serve`: starts the embedded server, or connects to the one that is named.
    pub async fn to_serve(settings: &PlaceSettings, data_dir: DataDir) -> Result<Self, CliError> {
        let found = Found::by(settings, &data_dir, Purpose::Create)?;
        tracing::info!(
            database = found.database,
            storage = found.storage,
            data_directory = %data_dir.path().display(),
            "works on"
        );
        if let Some(server) = found.server {
            return Self::external(data_dir, server, settings, &found).await;
        }
        let embedded = Embedded::start(&data_dir, settings.pg_bin.as_deref()).await?;
        Self::of(data_dir, embedded, &found)
    }

    /// For a command: joins the embedded server of a running service, or starts it for a while. Says on standard error
    /// what the command works on.
    pub async fn for_command(settings: &PlaceSettings, purpose: Purpose) -> Result<Self, CliError> {
        if purpose == Purpose::Work
            && settings.database_url.is_none()
            && matches!(settings.data_dir.try_exists(), Ok(false))
        {
            return Err(record::no_database(&settings.data_dir));
        }
        let data_dir = DataDir::open(&settings.data_dir)?;
        let found = Found::by(settings, &data_dir, purpose)?;
        tables::note(format_args!(
            "tierpix: database {}, storage {}, data directory {}",
            found.database,
            found.storage,
            data_dir.path().display()
        ));
        if let Some(server) = found.server {
            return Self::external(data_dir, server, settings, &found).await;
        }
        let embedded = Embedded::join(&data_dir, settings.pg_bin.as_deref()).await?;
        Self::of(data_dir, embedded, &found)
    }

    fn of(data_dir: DataDir, embedded: Embedded, found: &Found<'_>) -> Result<Self, CliError> {
        let server = Server::without_tls(embedded.config())?;
        Ok(Self {
            data_dir,
            direct: server.clone(),
            server,
            embedded: Some(embedded),
            storage: found.storage.clone(),
            uses: found.uses.clone(),
        })
    }

    async fn external(
        data_dir: DataDir,
        server: &Server,
        settings: &PlaceSettings,
        found: &Found<'_>,
    ) -> Result<Self, CliError> {
        connect(server, "DATABASE_URL").await?;
        if let Some(direct) = &settings.direct_database_url {
            connect(direct, "TIERPIX_DIRECT_DATABASE_URL").await?;
        }
        let direct = settings.direct_database_url.as_ref().unwrap_or(server);
        Ok(Self {
            data_dir,
            server: server.clone(),
            direct: direct.clone(),
            embedded: None,
            storage: found.storage.clone(),
            uses: found.uses.clone(),
        })
    }

    /// A connection of its own that lasts, as migrations need it.
    pub async fn connect(&self) -> Result<Client, CliError> {
        connect(&self.direct, "the database").await
    }

    /// The major version of the server.
    pub async fn major(&self) -> Result<u32, CliError> {
        let client = self.connect().await?;
        let version = client.query_one("SELECT current_setting('server_version_num')::int", &[]);
        let version: i32 = version.await.map_err(DbError::from)?.get(0);
        Ok(version.unsigned_abs() / 10_000)
    }

    /// What to warn of if the role may not have so many connections, and one more for a command.
    pub async fn too_few_connections(&self, wanted: u16) -> Result<Option<String>, CliError> {
        let client = self.connect().await?;
        let sql = include_str!("../../sql/queries/site/connection_limit.sql");
        let row = client.query_one(sql, &[]).await.map_err(DbError::from)?;
        let limit: i32 = row.get(0);
        let least = i32::from(wanted) + 1;
        Ok((limit < least).then(|| {
            format!(
                "the database allows {limit} connections, the service uses up to {wanted} and a command one more: \
                 set TIERPIX_DATABASE_CONNECTIONS to {}",
                (limit - 1).max(2)
            )
        }))
    }

    /// A pool of at most `connections`.
    pub fn pool(&self, connections: usize) -> Result<Database, CliError> {
        let database = Database::at(self.server.clone(), self.direct.clone(), connections);
        Ok(database?)
    }

    /// The database for a command's queries. An embedded one is brought up to date on the way.
    pub async fn database(&self) -> Result<Database, CliError> {
        let mut client = self.connect().await?;
        if self.embedded.is_some() {
            migrations::apply(&mut client).await?;
        } else {
            refuse_pending(&mut client).await?;
        }
        let database = self.pool(2)?;
        self.require_own_site(&database).await?;
        Ok(database)
    }

    /// Fails on another site's database than the one that the data directory's service uses. Returns the site.
    pub async fn require_own_site(&self, database: &Database) -> Result<SiteId, CliError> {
        let site = database.run(GetSite).await?.id;
        match &self.uses {
            // The embedded one is the data directory's own, whichever dump was restored into it.
            Some(uses) if uses.site != site && self.embedded.is_none() => {
                Err(record::other_site(uses, &self.data_dir, site))
            }
            _ => Ok(site),
        }
    }

    /// Notes in the data directory what its service uses.
    pub fn record(&self, site: SiteId) -> Result<(), CliError> {
        let external = self.embedded.is_none().then(|| self.server.describe());
        let written = Uses::new(site, external, self.storage.clone()).write(&self.data_dir);
        Ok(written.map_err(DataDirError::unusable(&Uses::path(&self.data_dir)))?)
    }

    /// Ends what was started for the command.
    pub async fn leave(self) -> Result<(), CliError> {
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// What the settings name, before anything is started.
struct Found<'a> {
    /// `None` for the embedded one.
    server: Option<&'a Server>,
    /// For people.
    database: String,
    /// For people.
    storage: String,
    /// What the data directory's service uses.
    uses: Option<Uses>,
}

impl<'a> Found<'a> {
    fn by(
        settings: &'a PlaceSettings,
        data_dir: &DataDir,
        purpose: Purpose,
    ) -> Result<Self, CliError> {
        let server = settings.database_url.as_ref();
        if server.is_none() && settings.direct_database_url.is_some() {
            return Err(CliError::because(
                "TIERPIX_DIRECT_DATABASE_URL says nothing without DATABASE_URL",
            ));
        }
        let postgres = Embedded::home_in(data_dir);
        let uses = match purpose {
            Purpose::Replace => None,
            Purpose::Work | Purpose::Create => {
                record::require_no_restore(data_dir)?;
                record::read(data_dir)?
            }
        };
        if server.is_none() {
            record::require_embedded(uses.as_ref(), data_dir, purpose)?;
        }
        let storage = settings.storage_url.clone();
        let storage =
            storage.unwrap_or_else(|| StorageUrl::Folder(data_dir.path().join("objects")));
        if purpose == Purpose::Work && settings.storage_url.is_none() {
            record::require_storage(uses.as_ref(), data_dir, &storage.to_string())?;
        }
        Ok(Self {
            server,
            database: match server {
                Some(server) => server.describe(),
                None => format!("embedded in {}", postgres.display()),
            },
            storage: storage.to_string(),
            uses,
        })
    }
}

/// A connection to the server that a setting names.
async fn connect(server: &Server, setting: &str) -> Result<Client, CliError> {
    let why = match tokio::time::timeout(CONNECT_PATIENCE, server.connect()).await {
        Ok(Ok(client)) => return Ok(client),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in 5 seconds".to_owned(),
    };
    Err(CliError::because(format!(
        "{setting}: cannot connect: {why}"
    )))
}

/// Fails on a schema that is not up to date: the queries are written for the newest one.
pub async fn refuse_pending(client: &mut Client) -> Result<(), CliError> {
    match migrations::pending(client).await?.len() {
        0 => Ok(()),
        count => Err(CliError::because(format!(
            "the database lacks {count} migrations: run `tierpix migrate` first"
        ))),
    }
}

/// Does a command's work on the database, whatever comes of it ends what was started for it.
pub async fn with_database<T>(
    settings: &PlaceSettings,
    work: impl AsyncFnOnce(&Database, &DataDir) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let place = Place::for_command(settings, Purpose::Work).await?;
    let result = match place.database().await {
        Ok(database) => {
            let result = work(&database, &place.data_dir).await;
            database.close();
            result
        }
        Err(error) => Err(error),
    };
    place.leave().await?;
    result
}

/// Makes changes of somebody's at the command line.
pub fn ops(database: &Database) -> Ops {
    Ops::for_command(Db::start(database.clone()), None)
}

/// Where pictures are kept: at the place that is named, else in the data directory.
pub fn storage(settings: &PlaceSettings, data_dir: &DataDir) -> Result<Arc<dyn Storage>, CliError> {
    match &settings.storage_url {
        Some(url) => storage_at(url, data_dir)
            .map_err(|error| CliError::because(format!("TIERPIX_STORAGE_URL: {url}: {error}"))),
        None => {
            let opened = LocalStorage::in_data_dir(data_dir);
            Ok(Arc::new(opened.map_err(DataDirError::unusable(
                &data_dir.path().join("objects"),
            ))?))
        }
    }
}

/// The storage of this URL. Nothing is asked of it yet.
pub fn storage_at(url: &StorageUrl, data_dir: &DataDir) -> Result<Arc<dyn Storage>, StorageError> {
    match url {
        StorageUrl::Folder(path) => Ok(Arc::new(LocalStorage::open(path)?)),
        StorageUrl::Bucket { name, prefix } => bucket(name, prefix, data_dir),
    }
}

#[cfg(feature = "s3")]
fn bucket(name: &str, prefix: &str, data_dir: &DataDir) -> Result<Arc<dyn Storage>, StorageError> {
    // A variable that is not in UTF-8 is none that we look for.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let spool = data_dir.path().join("spool");
    Ok(Arc::new(S3Storage::open(name, prefix, variables, &spool)?))
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &str, _: &str, _: &DataDir) -> Result<Arc<dyn Storage>, StorageError> {
    let why = "this program was built without S3; `cargo build --release` builds it with";
    Err(std::io::Error::other(why).into())
}
