//! The HTTP servers: the service's own, and that of the figures where they have an address of their own.

use std::{any::Any, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Extensions, ServerHandle},
    middleware::{NormalizePath, TrailingSlash, from_fn},
    web::{self, Data},
};

use super::{Listener, StartError};
use crate::{
    config::{HttpSettings, MetricsPlace},
    http,
    service::Service,
};

/// How long a client may take to send a request's head.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Serves the figures on an address of their own, if they have one; how the service is can be asked there too, also
/// while it is being taken down.
pub(super) fn serve_metrics(
    place: MetricsPlace,
    service: Data<Service>,
) -> Result<Option<ServerHandle>, StartError> {
    let MetricsPlace::Own(address) = place else {
        return Ok(None);
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .route("/metrics", web::get().to(http::metrics::alone))
            .route("/healthz", web::get().to(http::health::alive))
            .route("/readyz", web::get().to(http::health::ready))
    });
    let server = server.workers(1).disable_signals().bind(address);
    let server = server.map_err(|error| StartError::BindMetrics { address, error })?;
    let server = server.run();
    let handle = server.handle();
    tokio::task::spawn_local(server);
    Ok(Some(handle))
}

/// Serves everything else.
pub(super) fn serve(
    settings: &HttpSettings,
    listener: Listener,
    cores: usize,
    service: Data<Service>,
) -> Result<actix_web::dev::Server, StartError> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .configure(http::routes::configure)
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap(from_fn(http::browsable::show))
            .wrap(from_fn(http::compress::compress))
            .wrap(http::cors::allow(service.http.cors_origins.as_ref()))
            .wrap(from_fn(http::security_headers::add))
            .wrap(from_fn(http::request_log::log))
    })
    .workers(settings.workers.map_or(cores, usize::from))
    .client_request_timeout(HEAD_PATIENCE)
    .on_connect(send_at_once)
    .shutdown_timeout(u64::from(settings.shutdown_grace))
    .disable_signals();
    let address = listener.address;
    let server = server
        .listen(listener.socket)
        .map_err(|error| StartError::Bind { address, error })?;
    Ok(server.run())
}

/// A file's head and its bytes are written apart: without this the bytes wait for the client's acknowledgement of the
/// head, which clients delay by 40 ms (RFC 9293, section 3.7.4).
fn send_at_once(connection: &dyn Any, _: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = stream.set_nodelay(true)
    {
        tracing::debug!(%error, "a connection stays slow");
    }
}
