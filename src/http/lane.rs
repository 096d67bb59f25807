//! A shorter way for plain requests for pictures, in front of actix-web's `App`, which takes longer to find their handler than
//! that takes to answer.
//!
//! What asks for anything unusual goes the other way, and so does what comes to an error: here are no answers but those of
//! the same handlers, and the same is counted and logged.

use std::{future::Ready, future::ready, rc::Rc};

use actix_http::{Request, Response};
use actix_service::{Service as HttpService, Transform, forward_ready};
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{RequestHead, ServiceResponse},
    http::{
        Method,
        header::{
            CONTENT_LENGTH, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
            IF_UNMODIFIED_SINCE, ORIGIN, RANGE, TRANSFER_ENCODING,
        },
    },
    web::Data,
};
use futures_util::future::LocalBoxFuture;
use tracing::Instrument;

use super::{
    keep_alive, links, media,
    picture_request::PictureRequest,
    request_log::{Asked, Pending},
    security_headers,
};
use crate::{domain::media::ObjectName, service::Service};

/// Puts the lane in front of an `App`.
pub struct InFront(pub Data<Service>);

/// The lane and the `App`.
pub struct Lane<S> {
    app: Rc<S>,
    service: Data<Service>,
}

impl<S, B> Transform<S, Request> for InFront
where
    S: HttpService<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Transform = Lane<S>;
    type InitError = ();
    type Future = Ready<Result<Lane<S>, ()>>;

    fn new_transform(&self, app: S) -> Self::Future {
        ready(Ok(Lane {
            app: Rc::new(app),
            service: self.0.clone(),
        }))
    }
}

impl<S, B> HttpService<Request> for Lane<S>
where
    S: HttpService<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(app);

    fn call(&self, request: Request) -> Self::Future {
        let (app, service) = (self.app.clone(), self.service.clone());
        Box::pin(async move {
            if let Some(answer) = answer(&request, &service).await {
                return Ok(answer.into());
            }
            let answer: Response<B> = app.call(request).await?.into();
            Ok(answer.map_into_boxed_body())
        })
    }
}

/// What a plain request is for.
enum Picture {
    Medium(ObjectName),
    Link,
}

/// Headers that ask for more than the picture.
const UNUSUAL: [HeaderName; 8] = [
    CONTENT_LENGTH,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
    ORIGIN,
    RANGE,
    TRANSFER_ENCODING,
];

impl Picture {
    /// `None` if the request is not for this lane.
    fn of(request: &RequestHead, service: &Service) -> Option<Self> {
        let settings = &service.http;
        if request.method != Method::GET
            || settings.media_redirect
            || settings.cors_origins.is_some()
            || UNUSUAL
                .iter()
                .any(|name| request.headers.contains_key(name))
        {
            return None;
        }
        let path = request.uri.path();
        if path.trim_end_matches('/') == links::PATTERN {
            return Some(Self::Link);
        }
        let name = ObjectName::parse(path.strip_prefix(media::PREFIX)?)?;
        // Others may be anybody's guess, which are not to be looked up twice.
        let is_known = service.caches.has_image(name.image);
        is_known.then_some(Self::Medium(name))
    }
}

/// The answer, if it is one for this lane.
async fn answer(request: &Request, service: &Service) -> Option<HttpResponse> {
    let head = request.head();
    let picture = Picture::of(head, service)?;
    let pending = Pending::of(head);
    let request = PictureRequest::new(head, request.conn_data());
    let opened = async {
        match &picture {
            Picture::Medium(name) => {
                let answer = media::answer(&request, service, name).await.ok()?;
                Some((None, answer))
            }
            Picture::Link => {
                let (outcome, answer) = links::try_to_open(&request, service).await.ok()?;
                Some((Some(outcome), answer))
            }
        }
    };
    let (outcome, mut answer) = opened.instrument(pending.span()).await?;
    let route = match outcome {
        None => media::PATTERN,
        Some(outcome) => {
            service.link_openings.count(outcome);
            links::PATTERN
        }
    };
    security_headers::add_to(answer.headers_mut());
    if let Some(hint) = keep_alive::hint_for(head, &service.http) {
        answer.headers_mut().insert(keep_alive::KEEP_ALIVE, hint);
    }
    let asked = Asked {
        method: &head.method,
        route,
        user: None,
    };
    pending.end(&mut answer, asked, Some(service));
    Some(answer)
}
