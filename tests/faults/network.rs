//! A network between the service and its database, which a test can spoil.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};
use tokio_postgres::{NoTls, config::Host};

use crate::harness::Installation;

/// What becomes of what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// It arrives.
    Fair,
    /// It arrives so much later.
    Slow(Duration),
    /// It arrives when the weather changes.
    Silent,
    /// Connections are reset, those that are there and those that are made.
    Cut,
}

/// When the network is cut by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// In place of bringing a `COMMIT` to the database.
    BeforeCommit,
    /// In place of bringing back what the database says of it.
    AfterCommit,
}

/// The way to a database.
pub struct Network {
    /// Who connects: as on a managed server, nobody special.
    pub role: String,
    weather: watch::Sender<Weather>,
    trap: Arc<Mutex<Option<Trap>>>,
}

/// An installation whose database is behind a network.
pub async fn installation() -> (Installation, Network) {
    let tierpix = Installation::on_another_server().await;
    let database: tokio_postgres::Config = tierpix.variable("DATABASE_URL").parse().unwrap();
    let [Host::Unix(folder)] = database.get_hosts() else {
        panic!("a scratch server has one Unix socket")
    };
    let role = make_owner(&database).await;
    let socket = folder.join(".s.PGSQL.5432");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "host=127.0.0.1 port={} user={role} dbname='{}'",
        listener.local_addr().unwrap().port(),
        database.get_dbname().unwrap()
    );
    let (weather, watch) = watch::channel(Weather::Fair);
    let trap = Arc::new(Mutex::new(None));
    let network = Network {
        role,
        weather: weather.clone(),
        trap: trap.clone(),
    };
    tokio::spawn(async move {
        while let Ok((service, _)) = listener.accept().await {
            service.set_zero_linger().unwrap();
            if *watch.borrow() == Weather::Cut {
                continue;
            }
            let database = UnixStream::connect(&socket).await.unwrap();
            let way = Way {
                weather: weather.clone(),
                trap: trap.clone(),
            };
            tokio::spawn(way.carry(service, database));
        }
    });
    (tierpix.with("DATABASE_URL", &url), network)
}

/// Gives the database to a role of its own.
async fn make_owner(database: &tokio_postgres::Config) -> String {
    let (client, connection) = database.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let name = database.get_dbname().unwrap();
    let role = format!("{name}_owner");
    let give = format!("CREATE ROLE {role} LOGIN; ALTER DATABASE {name} OWNER TO {role}");
    client.batch_execute(&give).await.unwrap();
    role
}

impl Network {
    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Cuts the network at the next commit.
    pub fn set_trap(&self, trap: Trap) {
        *self.trap.lock().unwrap() = Some(trap);
    }
}

/// One connection.
struct Way {
    weather: watch::Sender<Weather>,
    trap: Arc<Mutex<Option<Trap>>>,
}

impl Way {
    /// Carries both directions until one ends or the weather cuts them.
    async fn carry(self, mut service: TcpStream, mut database: UnixStream) {
        let mut weather = self.weather.subscribe();
        let (from_service, to_service) = service.split();
        let (from_database, to_database) = database.split();
        tokio::select! {
            () = self.pump(from_service, to_database, true) => {}
            () = self.pump(from_database, to_service, false) => {}
            _ = weather.wait_for(|weather| *weather == Weather::Cut) => {}
        }
    }

    async fn pump(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        is_request: bool,
    ) {
        let mut buffer = vec![0; 64 * 1024];
        let mut weather = self.weather.subscribe();
        while let Ok(count) = from.read(&mut buffer).await
            && count > 0
        {
            let bytes = &buffer[..count];
            let now = *weather.borrow_and_update();
            match now {
                Weather::Slow(delay) => tokio::time::sleep(delay).await,
                Weather::Silent => {
                    let _ = weather
                        .wait_for(|weather| *weather != Weather::Silent)
                        .await;
                }
                Weather::Fair | Weather::Cut => {}
            }
            if self.springs(bytes, is_request) {
                self.weather.send_replace(Weather::Cut);
                // Whoever carries ends this now.
                std::future::pending::<()>().await;
            }
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    fn springs(&self, bytes: &[u8], is_request: bool) -> bool {
        let mut trap = self.trap.lock().unwrap();
        let word: &[u8] = match (*trap, is_request) {
            (Some(Trap::BeforeCommit), true) => b"COMMIT\0",
            (Some(Trap::AfterCommit), false) => b"COMMIT\0",
            _ => return false,
        };
        let springs = bytes.windows(word.len()).any(|window| window == word);
        if springs {
            *trap = None;
        }
        springs
    }
}
