//! What every handler of the panel gets: who is asking, and the ways to answer.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, cookie::Cookie, dev::Payload,
    http::StatusCode, web::Data,
};
use askama::Template;

use super::{
    layout::Layout,
    message::{self, Message},
    url::Params,
};
use crate::{
    auth::{
        CurrentUser, Staff,
        cookie::{self, CookieScope},
    },
    db::{Change, DbError, Query},
    domain::{
        staff::{Actor, Power, Refusal},
        user::User,
    },
    error::ApiError,
    http::{client::Client, pages},
    service::Service,
};

/// A request of somebody of the staff.
pub struct Panel {
    /// The service.
    pub service: Data<Service>,
    /// The user who is asking.
    pub user: Arc<User>,
    /// The user as the one who makes changes.
    pub by: Actor,
    /// The parameters in the URL.
    pub params: Params,
    path: String,
    message: Option<Message>,
    cookies: CookieScope,
}

impl FromRequest for Panel {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::read(request, payload))
    }
}

impl Panel {
    fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, ApiError> {
        let user = CurrentUser::from_request(request, payload)
            .into_inner()?
            .user;
        let Staff(by) = Staff::from_request(request, payload).into_inner()?;
        let service = Data::<Service>::from_request(request, payload)
            .into_inner()
            .map_err(ApiError::internal)?;
        let cookie = cookie::value(request.headers(), message::COOKIE);
        Ok(Self {
            message: cookie.and_then(|cookie| service.messages.read(user.id, &cookie)),
            params: Params::of(request),
            path: request.path().to_owned(),
            cookies: Client::of(request.head(), &service.http).cookies().clone(),
            service,
            user,
            by,
        })
    }

    /// Whether the user has the power.
    pub fn may(&self, power: Power) -> bool {
        self.by.may(power)
    }

    /// Asks the database.
    pub async fn run<Q: Query>(&self, query: Q) -> Result<Q::Output, DbError> {
        self.service.db.run(query).await
    }

    /// Makes a change.
    pub async fn make<C: Change>(&self, change: C) -> Result<Result<C::Output, Refusal>, DbError> {
        self.service.ops.make(change).await
    }

    /// What stands round the page that is answered, with the message of the last one.
    pub fn layout(&self, title: impl Into<String>) -> Layout {
        let mut layout = Layout::new(title, &self.path, Some(&self.user));
        layout.messages.extend(self.message.clone());
        layout
    }

    /// Answers with a page.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse, ApiError> {
        self.page_with(StatusCode::OK, page)
    }

    /// Answers with a page and this status: 400 where something that was typed is wrong, 409 where others were faster.
    pub fn page_with(
        &self,
        status: StatusCode,
        page: &impl Template,
    ) -> Result<HttpResponse, ApiError> {
        let answer = pages::html(HttpResponseBuilder::new(status), page)?;
        match self.message {
            Some(_) => with_cookie(answer, &message::removal(&self.cookies)),
            None => Ok(answer),
        }
    }

    /// Sends the browser to a page that shows the message.
    pub fn see(&self, path: &str, message: &Message) -> Result<HttpResponse, ApiError> {
        let cookie = self
            .service
            .messages
            .cookie(self.user.id, message, &self.cookies);
        with_cookie(pages::see_other(path), &cookie)
    }
}

fn with_cookie(mut answer: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse, ApiError> {
    answer.add_cookie(cookie).map_err(ApiError::internal)?;
    Ok(answer)
}
