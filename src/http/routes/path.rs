//! A path, what answers it, and who may ask.

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route,
    dev::{AppService, HttpServiceFactory},
    guard::{Guard, fn_guard},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web,
};

use crate::{
    auth::identify::{Need, require, require_user},
    error::ApiError,
};

/// A path and what answers it.
pub struct Path {
    /// With its parameters as `{id}`, without its last `/`.
    pub pattern: &'static str,
    /// What answers, for each method.
    pub answers: Vec<Answer>,
    is_private: bool,
}

/// A handler.
pub struct Answer {
    /// The methods that it answers.
    pub methods: &'static [Method],
    /// What it asks of the user; `None` if it answers everybody.
    pub need: Option<Need>,
    route: Route,
}

impl HttpServiceFactory for Path {
    fn register(self, app: &mut AppService) {
        let allowed: Vec<&str> = self
            .answers
            .iter()
            .flat_map(|answer| answer.methods.iter().map(Method::as_str))
            .chain([Method::OPTIONS.as_str()])
            .collect();
        let allowed = allowed.join(", ");
        let resource = self
            .answers
            .into_iter()
            .fold(web::resource(self.pattern), |resource, answer| {
                resource.route(answer.route.guard(one_of(answer.methods)))
            })
            .default_service(web::to(move |request: HttpRequest| {
                let allowed = allowed.clone();
                async move { other_method(&request, &allowed) }
            }));
        if self.is_private {
            resource.wrap(from_fn(require_user)).register(app);
        } else {
            resource.register(app);
        }
    }
}

/// A path for everyone.
pub fn open(pattern: &'static str, answers: Vec<Answer>) -> Path {
    Path {
        pattern,
        answers,
        is_private: false,
    }
}

/// A path for those who have said who they are: that is settled before the method.
pub fn private(pattern: &'static str, answers: Vec<Answer>) -> Path {
    Path {
        is_private: true,
        ..open(pattern, answers)
    }
}

/// Answers `GET`, and `HEAD` alike.
pub fn get<F, Args>(handler: F) -> Answer
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    answer(&[Method::GET, Method::HEAD], handler)
}

/// Answers `POST`.
pub fn post<F, Args>(handler: F) -> Answer
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    answer(&[Method::POST], handler)
}

/// Answers `PATCH`.
pub fn patch<F, Args>(handler: F) -> Answer
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    answer(&[Method::PATCH], handler)
}

/// Answers `DELETE`.
pub fn delete<F, Args>(handler: F) -> Answer
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    answer(&[Method::DELETE], handler)
}

fn answer<F, Args>(methods: &'static [Method], handler: F) -> Answer
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Answer {
        methods,
        need: None,
        route: web::route().to(handler),
    }
}

/// A handler that not everybody may use.
pub fn needs(need: Need, answer: Answer) -> Answer {
    let guarded = from_fn(move |request, next| require(need, request, next));
    Answer {
        need: Some(need),
        route: answer.route.wrap(guarded),
        ..answer
    }
}

fn one_of(methods: &'static [Method]) -> impl Guard {
    fn_guard(move |context| methods.contains(&context.head().method))
}

/// `OPTIONS` is told the methods (RFC 9110, section 9.3.7), any other gets 405.
fn other_method(request: &HttpRequest, allowed: &str) -> Result<HttpResponse, ApiError> {
    let value = HeaderValue::from_str(allowed).map_err(ApiError::internal)?;
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, value))
            .finish());
    }
    Err(ApiError::method_not_allowed(
        request.method().as_str(),
        value,
    ))
}
