//! Settles who is asking before a handler is chosen.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    cookie::Cookie,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};

use super::{
    basic, csrf,
    session::{self, SessionId},
    token,
};
use crate::{
    domain::{
        staff::{Actor, Power},
        token::{Scope, Scopes},
        user::User,
    },
    error::ApiError,
    http::client::Client,
    service::Service,
};

/// The user who is asking, in every handler behind [`require_user`].
#[derive(Clone)]
pub struct CurrentUser {
    /// The user.
    pub user: Arc<User>,
    /// How the user proved it.
    pub proof: Proof,
}

/// How a user proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// By a name and a password with the request.
    Password,
    /// By an API token, which is good for these things only.
    Token(Scopes),
    /// By the session cookie.
    Session,
}

/// What a path asks of whoever uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A token needs this scope; nothing else is asked of who has proven otherwise who it is.
    Scope(Scope),
    /// A password or a session: no token is good for it.
    NoToken,
    /// A password or a session of somebody of the staff who has this power.
    Staff(Power),
}

impl CurrentUser {
    /// 403 unless this user may.
    fn allow(&self, need: Need) -> Result<(), ApiError> {
        let allowed = match (&self.proof, need) {
            (Proof::Token(scopes), Need::Scope(scope)) => scopes.contains(scope),
            (Proof::Token(_), Need::NoToken | Need::Staff(_)) => false,
            (Proof::Password | Proof::Session, Need::Staff(power)) => {
                self.user.role.is_some_and(|role| role.may(power))
            }
            (Proof::Password | Proof::Session, Need::Scope(_) | Need::NoToken) => true,
        };
        if allowed {
            Ok(())
        } else {
            Err(ApiError::permission_denied())
        }
    }
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get::<Self>().cloned();
        ready(user.ok_or_else(ApiError::not_authenticated))
    }
}

/// The user who is asking, as staff; 403 for everybody else.
pub struct Staff(pub Actor);

impl FromRequest for Staff {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let who = CurrentUser::from_request(request, payload).into_inner();
        ready(who.and_then(|who| {
            Actor::of(&who.user)
                .map(Self)
                .ok_or_else(ApiError::permission_denied)
        }))
    }
}

/// Middleware: 401 unless the request says who it is from, 403 if a browser was made to send it.
pub async fn require_user(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match identify(request.request()).await {
        Ok(identity) => identity.carry(request, next).await,
        Err(error) => Ok(request.error_response(error)),
    }
}

/// As [`require_user`], for pages: only the session's cookie counts, and who has none is answered by `log_in`.
pub async fn require_session(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    log_in: impl FnOnce(&HttpRequest) -> HttpResponse,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let identity = {
        let service = service_of(request.request())?;
        let client = Client::identified(request.request(), &service.http, &service.proxy_faults);
        by_session(request.request(), service, &client).await
    };
    match identity {
        Ok(identity) => identity.carry(request, next).await,
        Err(error) if error.status_code() == StatusCode::UNAUTHORIZED => {
            let answer = log_in(request.request());
            Ok(request.into_response(answer))
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

fn service_of(request: &HttpRequest) -> Result<&Service, ApiError> {
    let service = request.app_data::<Data<Service>>();
    service
        .map(|service| service.get_ref())
        .ok_or_else(|| ApiError::internal("the service is not part of the application"))
}

fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    // Fails for a cookie that is no header value only, which ours never is.
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(%error, "cannot renew a session's cookie");
    }
}

/// Middleware behind [`require_user`]: 403 unless the token that was sent, or the user, is good for this.
pub async fn require(
    need: Need,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let user = request.extensions().get::<CurrentUser>().cloned();
    match user
        .ok_or_else(ApiError::not_authenticated)
        .and_then(|user| user.allow(need))
    {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Who is asking, and the cookie to renew.
struct Identity {
    user: CurrentUser,
    renewed: Option<Cookie<'static>>,
}

impl Identity {
    fn by_password(user: Arc<User>) -> Self {
        Self {
            user: CurrentUser {
                user,
                proof: Proof::Password,
            },
            renewed: None,
        }
    }

    /// Lets the handler know who is asking, and renews the cookie in its answer.
    async fn carry(
        self,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        request.extensions_mut().insert(self.user);
        let mut response = next.call(request).await?.map_into_boxed_body();
        if let Some(cookie) = self.renewed {
            add_cookie(response.response_mut(), &cookie);
        }
        Ok(response)
    }
}

async fn identify(request: &HttpRequest) -> Result<Identity, ApiError> {
    let service = service_of(request)?;
    let client = Client::identified(request, &service.http, &service.proxy_faults);
    if let Some(header) = request.headers().get(header::AUTHORIZATION) {
        // What is no text is no key and no base64, which is told by whoever reads those.
        let text = String::from_utf8_lossy(header.as_bytes());
        let (scheme, parameters) = text.split_once(' ').unwrap_or((&text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            let basic = basic::parse(parameters).map_err(ApiError::authentication_failed)?;
            let user = service
                .auth
                .log_in_again(
                    &service.caches,
                    &basic.username,
                    &basic.password,
                    client.network(),
                )
                .await?;
            return Ok(Identity::by_password(user));
        }
        if scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer") {
            return by_token(service, parameters).await;
        }
    }
    by_session(request, service, &client).await
}

async fn by_token(service: &Service, parameters: &str) -> Result<Identity, ApiError> {
    let mut words = parameters.split_ascii_whitespace();
    let none = "Invalid token header. No credentials provided.";
    let key = words
        .next()
        .ok_or_else(|| ApiError::authentication_failed(none))?;
    if words.next().is_some() {
        let spaces = "Invalid token header. Token string should not contain spaces.";
        return Err(ApiError::authentication_failed(spaces));
    }
    let token = token::find(&service.db, &service.caches, key).await?;
    let token = token.ok_or_else(|| ApiError::authentication_failed("Invalid token."))?;
    Ok(Identity {
        user: CurrentUser {
            user: token.user,
            proof: Proof::Token(token.scopes),
        },
        renewed: None,
    })
}

async fn by_session(
    request: &HttpRequest,
    service: &Service,
    client: &Client,
) -> Result<Identity, ApiError> {
    let id =
        SessionId::sent_by(request, client.cookies()).ok_or_else(ApiError::not_authenticated)?;
    let session = session::resume(&service.db, &service.caches, &id)
        .await?
        .ok_or_else(ApiError::not_authenticated)?;
    client.refuse_forged(request, service)?;
    Ok(Identity {
        renewed: session.renewed.map(|age| id.cookie(age, client.cookies())),
        user: CurrentUser {
            user: session.user,
            proof: Proof::Session,
        },
    })
}

/// The user of the session cookie, for pages that anyone may see.
pub async fn by_cookie(
    request: &HttpRequest,
    service: &Service,
) -> Result<Option<Arc<User>>, ApiError> {
    let client = Client::of(request.head(), &service.http);
    let Some(id) = SessionId::sent_by(request, client.cookies()) else {
        return Ok(None);
    };
    let session = session::resume(&service.db, &service.caches, &id).await?;
    Ok(session.map(|session| session.user))
}

impl Client {
    /// 403 if a browser was made to send this by another site.
    pub fn refuse_forged(&self, request: &HttpRequest, service: &Service) -> Result<(), ApiError> {
        let own = self.own_origins(&service.http);
        if !csrf::is_forged(request.method(), request.headers(), &own) {
            return Ok(());
        }
        service.proxy_faults.look_at_refused(request, self);
        Err(ApiError::csrf_failed())
    }
}
