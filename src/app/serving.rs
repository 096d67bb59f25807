//! The HTTP servers: the service's own, and that of the figures where they have an address of their own.

use std::{
    fmt,
    future::ready,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use actix_http::{Extensions, HttpService, KeepAlive, Request, Response, body::MessageBody};
use actix_server::{Server, ServerBuilder};
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, apply, fn_service, map_config,
};
use actix_web::{
    App, Error,
    dev::{AppConfig, ServerHandle},
    middleware::{NormalizePath, TrailingSlash, from_fn},
    rt::net::{TcpStream, UnixStream},
    web::{self, Data},
};
use prometheus_client::metrics::counter::Counter;
use tokio_util::either::Either;

use super::{Listener, StartError, listener};
use crate::{
    config::{HttpSettings, MetricsPlace},
    http::{
        self,
        connection::Connection,
        sendfile::{Socket, Stream},
    },
    service::Service,
};

/// How much longer than promised an idle connection is kept: a request that was sent in the last moment arrives in time. actix
/// counts in steps of half a second.
const GRACE: Duration = Duration::from_secs(2);

/// How long a client is listened to that was answered before it had sent its body.
const LINGER: Duration = Duration::from_secs(1);

/// Serves the figures on an address of their own, if they have one; how the service is can be asked there too, also
/// while it is being taken down.
pub(super) fn serve_metrics(
    place: MetricsPlace,
    service: Data<Service>,
) -> Result<Option<ServerHandle>, StartError> {
    let MetricsPlace::Own(address) = place else {
        return Ok(None);
    };
    let ways = Ways::of(&service);
    let app = move || {
        App::new()
            .app_data(service.clone())
            .route("/metrics", web::get().to(http::metrics::alone))
            .route("/healthz", web::get().to(http::health::alive))
            .route("/readyz", web::get().to(http::health::ready))
            .default_service(web::to(http::routes::not_found))
            .wrap(from_fn(http::connection::refused::answer))
            .wrap(from_fn(http::security_headers::add))
            .wrap(from_fn(http::keep_alive::tell))
            .wrap(from_fn(http::request_log::log))
    };
    let socket = TcpListener::bind(address).map(listener::Socket::Tcp);
    let server = socket.and_then(|socket| listen(Server::build().workers(1), socket, ways, app));
    let server = server.map_err(|error| StartError::BindMetrics { address, error })?;
    let server = server.disable_signals().run();
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
) -> Result<Server, StartError> {
    let ways = Ways::of(&service);
    let app = move || {
        let app = App::new()
            .app_data(service.clone())
            .configure(http::routes::configure)
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap(from_fn(http::browsable::show))
            .wrap(from_fn(http::base_path::lie_below))
            .wrap(from_fn(http::compress::compress))
            .wrap(http::cors::allow(service.http.cors_origins.as_ref()))
            .wrap(from_fn(http::cors::refuse))
            .wrap(from_fn(http::connection::refused::answer))
            .wrap(from_fn(http::security_headers::add))
            .wrap(from_fn(http::keep_alive::tell))
            .wrap(from_fn(http::request_log::log));
        apply(http::lane::InFront(service.clone()), app)
    };
    let mut server = Server::build()
        .workers(settings.workers.map_or(cores, usize::from))
        .shutdown_timeout(u64::from(settings.shutdown_grace))
        .disable_signals();
    for socket in listener.sockets {
        let listening = listen(server, socket, ways.clone(), app.clone());
        let address = settings.bind.to_string();
        server = listening.map_err(|error| StartError::Bind { address, error })?;
    }
    Ok(server.run())
}

/// What is the same for all connections.
#[derive(Clone)]
struct Ways {
    /// How long one is kept that nothing is asked on.
    idle: Duration,
    /// Counts the bytes of files that the system sends.
    sendfile: Counter,
}

impl Ways {
    fn of(service: &Service) -> Self {
        Self {
            idle: service.http.keep_alive() + GRACE,
            sendfile: service.requests.sendfile.clone(),
        }
    }

    fn connection(&self, stream: Stream) -> Connection<Socket> {
        Connection::new(Socket::new(stream, self.sendfile.clone()), self.idle)
    }
}

/// Lets a server serve an application, as actix's `HttpServer` would, over connections of ours.
fn listen<F, I, S, B>(
    server: ServerBuilder,
    socket: listener::Socket,
    ways: Ways,
    app: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Error = Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    B: MessageBody + 'static,
{
    let stopping = server.graceful_shutdown_signal();
    let idle = ways.idle;
    let http = move || {
        let stopping = stopping.clone();
        let app = app().into_factory();
        let app = app.map_err(|error| error.as_response_error().error_response());
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KeepAlive::Timeout(idle))
            // A connection looks after its heads itself.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(|connection: &Connection<Socket>, data: &mut Extensions| {
                data.insert(connection.stream().outlet().clone());
            })
            .h1(map_config(app, |()| AppConfig::default()))
    };
    match socket {
        listener::Socket::Tcp(socket) => server.listen("http", socket, move || {
            let ways = ways.clone();
            fn_service(move |stream: TcpStream| {
                send_at_once(&stream);
                let peer = stream.peer_addr().ok();
                ready(Ok((ways.connection(Either::Left(stream)), peer)))
            })
            .and_then(http())
        }),
        listener::Socket::Unix(socket) => server.listen_uds("http", socket, move || {
            let ways = ways.clone();
            fn_service(move |stream: UnixStream| {
                // Whoever connects is on this machine: a proxy, whose headers count if loopback is trusted.
                let peer = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
                ready(Ok((ways.connection(Either::Right(stream)), peer)))
            })
            .and_then(http())
        }),
    }
}

/// A file's head and its bytes are written apart: without this the bytes wait for the client's acknowledgement of the
/// head, which clients delay by 40 ms (RFC 9293, section 3.7.4).
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
}
