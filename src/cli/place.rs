//! Finds the database that a command works on.

use std::{sync::Arc, time::Duration};

use tokio_postgres::Client;

use super::CliError;
use crate::{
    actors::Db,
    config::PlaceSettings,
    datadir::{DataDir, DataDirError},
    db::{Database, DbError, Server, embedded::Embedded, migrations},
    ops::Ops,
    storage::{LocalStorage, Storage, StorageError, StorageUrl},
};

#[cfg(feature = "s3")]
use crate::storage::S3Storage;

/// How long the database may take to take a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

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
}

impl Place {
    /// For `serve`: starts the embedded server, or connects to the one that is named.
    pub async fn to_serve(settings: &PlaceSettings, data_dir: DataDir) -> Result<Self, CliError> {
        if let Some(server) = named(settings)? {
            return Self::external(data_dir, server, settings).await;
        }
        let embedded = Embedded::start(&data_dir, settings.pg_bin.as_deref()).await?;
        Self::of(data_dir, embedded)
    }

    /// For a command: joins the embedded server of a running service, or starts it for a while.
    pub async fn for_command(settings: &PlaceSettings) -> Result<Self, CliError> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        if let Some(server) = named(settings)? {
            return Self::external(data_dir, server, settings).await;
        }
        let embedded = Embedded::join(&data_dir, settings.pg_bin.as_deref()).await?;
        Self::of(data_dir, embedded)
    }

    fn of(data_dir: DataDir, embedded: Embedded) -> Result<Self, CliError> {
        let server = Server::without_tls(embedded.config())?;
        Ok(Self {
            data_dir,
            direct: server.clone(),
            server,
            embedded: Some(embedded),
        })
    }

    async fn external(
        data_dir: DataDir,
        server: &Server,
        settings: &PlaceSettings,
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
        self.pool(2)
    }

    /// Ends what was started for the command.
    pub async fn leave(self) -> Result<(), CliError> {
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// The server that the settings name, if they do.
fn named(settings: &PlaceSettings) -> Result<Option<&Server>, CliError> {
    let server = settings.database_url.as_ref();
    if server.is_none() && settings.direct_database_url.is_some() {
        return Err(CliError::because(
            "TIERPIX_DIRECT_DATABASE_URL says nothing without DATABASE_URL",
        ));
    }
    Ok(server)
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
    let place = Place::for_command(settings).await?;
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
