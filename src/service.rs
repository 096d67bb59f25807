//! What every handler shares.

use std::sync::{Arc, atomic::AtomicBool};

use prometheus_client::registry::Registry;

use crate::{
    actors::{Admission, Db, LinkSigner, Thumbnailer},
    admin::Messages,
    auth::Auth,
    cache::Caches,
    config::{HttpSettings, UploadSettings},
    http::{client::ProxyFaults, upload::turns::Turns},
    integrity::Integrity,
    link_uses::LinkUses,
    metrics::{Damage, LinkOpenings, Requests},
    ops::Ops,
    site::Site,
    storage::{Spool, Storage},
    telemetry::counts::Counts,
    thumbnails::Maker,
};

/// The running service, as handlers see it.
pub struct Service {
    /// How the service is reached.
    pub http: HttpSettings,
    /// What the proxy in front does that the settings do not fit.
    pub proxy_faults: ProxyFaults,
    /// What an upload may be.
    pub uploads: UploadSettings,
    /// The `DbActor`.
    pub db: Db,
    /// What changes the database, and what follows it.
    pub ops: Ops,
    /// What is remembered of the database.
    pub caches: Arc<Caches>,
    /// Who is asking.
    pub auth: Auth,
    /// Who may upload now.
    pub turns: Turns,
    /// Who may render now.
    pub admission: Admission,
    /// The `ThumbnailActor` pool.
    pub thumbnailer: Thumbnailer,
    /// The `LinkSignerActor`s.
    pub signer: LinkSigner,
    /// How often links are opened.
    pub link_uses: Arc<LinkUses>,
    /// Where uploads stream into.
    pub spool: Spool,
    /// Where pictures are kept.
    pub storage: Arc<dyn Storage>,
    /// Whose storage it is.
    pub site: Site,
    /// Whether stored files are what was stored.
    pub integrity: Integrity,
    /// Counts stored files that were found damaged.
    pub damage: Damage,
    /// What this node has counted since its start.
    pub counts: Arc<Counts>,
    /// Makes thumbnails that are not there.
    pub maker: Arc<Maker>,
    /// What requests are counted by.
    pub requests: Requests,
    /// What openings of links are counted by.
    pub link_openings: LinkOpenings,
    /// All that is counted and measured.
    pub registry: Registry,
    /// Whether the service is being taken down.
    pub draining: Arc<AtomicBool>,
    /// What the admin panel's next page says of a change that was made.
    pub messages: Messages,
}
