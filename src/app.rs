//! Puts the service together, starts it, and takes it down in order.

mod changes;
mod listener;
mod serving;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{dev::ServerHandle, web::Data};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    actors::{Admission, Db, LinkSigner, Thumbnailer, background_threads},
    admin::Messages,
    auth::{Auth, Throttle},
    background::{Background, Tools},
    cache::Caches,
    config::{HttpSettings, UpkeepSettings, UploadSettings},
    db::{Database, DbError},
    http::{client::ProxyFaults, upload::turns::Turns},
    integrity::Integrity,
    link_uses::{LinkUses, WRITE_EVERY},
    machine,
    metrics::{
        self, Damage, DatabaseFigures, ErrorFigures, LinkOpenings, ProcessFigures, Requests,
        StorageFigures,
    },
    ops::Ops,
    secret::SecretKey,
    service::Service,
    site::{Site, SiteError},
    storage::{Spool, Storage},
    telemetry::{self, counts::Counts},
    thumbnails::Maker,
};

use changes::{Keys, hear_of_changes, key_ring};
pub use listener::{Address, Listener};
use serving::{serve, serve_metrics};

/// How long an upload waits for a render thread and memory.
const RENDER_PATIENCE: Duration = Duration::from_secs(5);

/// How often it is measured what is in store.
const MEASURE_EVERY: Duration = Duration::from_secs(120);

/// What the service is put together from.
pub struct Parts {
    /// How it is reached.
    pub http: HttpSettings,
    /// The address that is listened on already.
    pub listener: Listener,
    /// What an upload may be.
    pub uploads: UploadSettings,
    /// How the storage is kept tidy.
    pub upkeep: UpkeepSettings,
    /// The database, its schema up to date.
    pub database: Database,
    /// Where pictures are kept.
    pub storage: Arc<dyn Storage>,
    /// Where uploads stream into.
    pub spool: Spool,
    /// The root of every derived key.
    pub secret: SecretKey,
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("TIERPIX_BIND: cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: String,
        /// Why not.
        error: io::Error,
    },
    /// The figures' own address cannot be listened on.
    #[error("TIERPIX_METRICS_BIND: cannot listen on {address}: {error}")]
    BindMetrics {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The database and the storage do not belong together.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A service that serves.
pub struct Running {
    address: Address,
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    stop_listening: watch::Sender<bool>,
    link_uses: Arc<LinkUses>,
    writing_uses: JoinHandle<()>,
    measuring: JoinHandle<()>,
    background: Background,
    metrics: Option<ServerHandle>,
    draining: Arc<AtomicBool>,
    database: Database,
}

impl Running {
    /// The address that it listens on.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Takes no new request, ends the running ones within the grace, then stops.
    pub async fn stop(self) -> io::Result<()> {
        self.draining.store(true, Ordering::Relaxed);
        self.background.stop();
        self.server.stop(true).await;
        let served = self.serving.await.map_err(io::Error::other)?;
        self.background.stopped().await;
        self.writing_uses.abort();
        self.measuring.abort();
        self.link_uses.write().await;
        if let Some(metrics) = self.metrics {
            // To the last: it tells how the others went.
            metrics.stop(false).await;
        }
        // Whoever listens has gone already if this fails.
        let _ = self.stop_listening.send(true);
        self.database.close();
        served
    }
}

/// Starts the actors, then the server. To be called on an actix system.
pub async fn start(parts: Parts) -> Result<Running, StartError> {
    let Parts {
        http,
        listener,
        uploads,
        upkeep,
        database,
        storage,
        spool,
        secret,
    } = parts;
    let cores = machine::cores();
    let threads = uploads.renders.threads();

    let db = Db::start(database.clone());
    let site = Site::new(db.clone(), storage.clone());
    site.start().await?;
    let caches = Arc::new(Caches::new(db.clone(), http.media_cache_bytes));
    let signer = LinkSigner::new(
        key_ring(&db, &secret).await?,
        time::Duration::seconds(http.link_window.into()),
    );
    let link_uses = Arc::new(LinkUses::new(db.clone(), &secret));
    let messages = Messages::new(&secret);
    let throttle = Arc::new(Throttle::default());
    let (tell_of_job, new_jobs) = watch::channel(());
    let stop_listening = hear_of_changes(
        &database,
        caches.clone(),
        Keys {
            db: db.clone(),
            secret,
            signer: signer.clone(),
        },
        throttle.clone(),
        tell_of_job,
    );
    let admission = Admission::new(threads, uploads.renders.memory(), RENDER_PATIENCE);
    let turns = Turns::new(threads);
    let thumbnailer = Thumbnailer::start(threads, uploads.renders.time_limit());
    let damage = Damage::default();
    let maker = Arc::new(Maker::new(
        db.clone(),
        caches.clone(),
        admission.clone(),
        thumbnailer.clone(),
        storage.clone(),
        damage.clone(),
    ));
    let auth = Auth::new(db.clone(), throttle, cores);
    let counts = Arc::new(Counts::default());
    let (requests, link_openings) = (Requests::default(), LinkOpenings::default());
    let mut registry = metrics::registry();
    requests.register(&mut registry);
    link_openings.register(&mut registry);
    auth.register(&mut registry);
    caches.register(&mut registry);
    turns.register(&mut registry);
    admission.register(&mut registry);
    thumbnailer.register(&mut registry);
    damage.register(&mut registry);
    let in_store = StorageFigures::default();
    in_store.register(&mut registry);
    registry.register_collector(Box::new(DatabaseFigures(database.clone())));
    registry.register_collector(Box::new(ErrorFigures(counts.clone())));
    registry.register_collector(Box::new(ProcessFigures));
    telemetry::log::register(&mut registry);
    let tools = Tools {
        db: db.clone(),
        maker: maker.clone(),
        storage: storage.clone(),
        site: site.clone(),
        in_store: in_store.clone(),
        orphan_grace: upkeep.orphan_grace,
        threads: background_threads(threads),
    };
    let background = Background::start(&tools, &new_jobs);
    let draining = Arc::new(AtomicBool::new(false));
    let service = Data::new(Service {
        auth,
        requests,
        link_openings,
        registry,
        draining: draining.clone(),
        turns,
        admission,
        thumbnailer,
        integrity: Integrity::default(),
        damage,
        counts,
        maker,
        messages,
        ops: Ops::new(db.clone(), caches.clone(), site.clone()),
        db: db.clone(),
        caches,
        signer,
        link_uses: link_uses.clone(),
        spool,
        storage,
        site,
        http: http.clone(),
        proxy_faults: ProxyFaults::default(),
        uploads,
    });
    let metrics = serve_metrics(http.metrics_bind, service.clone())?;
    let address = listener.address().clone();
    let server = serve(&http, listener, cores, service)?;
    Ok(Running {
        address,
        server: server.handle(),
        serving: tokio::task::spawn_local(server),
        writing_uses: write_uses(link_uses.clone()),
        measuring: measure(in_store, db),
        link_uses,
        stop_listening,
        background,
        metrics,
        draining,
        database,
    })
}

/// Writes now and then how often links were opened.
fn write_uses(link_uses: Arc<LinkUses>) -> JoinHandle<()> {
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            link_uses.write().await;
        }
    })
}

/// Measures now and then what is in store.
fn measure(in_store: StorageFigures, db: Db) -> JoinHandle<()> {
    tokio::task::spawn_local(async move {
        loop {
            in_store.measure(&db).await;
            tokio::time::sleep(MEASURE_EVERY).await;
        }
    })
}
