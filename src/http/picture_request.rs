//! What there is to know of a request for a picture, whichever way it came.

use actix_web::{
    HttpRequest,
    dev::RequestHead,
    http::{Method, header::HeaderMap},
};

use super::sendfile::Outlet;

/// A request for a picture.
pub struct PictureRequest<'a> {
    head: &'a RequestHead,
    outlet: Option<&'a Outlet>,
}

impl<'a> PictureRequest<'a> {
    /// One with this head, on a connection with this outlet.
    pub fn new(head: &'a RequestHead, outlet: Option<&'a Outlet>) -> Self {
        Self { head, outlet }
    }

    /// One that came to a handler.
    pub fn of(request: &'a HttpRequest) -> Self {
        Self::new(request.head(), request.conn_data())
    }

    /// All of its head.
    pub fn head(&self) -> &'a RequestHead {
        self.head
    }

    /// Its method.
    pub fn method(&self) -> &'a Method {
        &self.head.method
    }

    /// Its headers.
    pub fn headers(&self) -> &'a HeaderMap {
        &self.head.headers
    }

    /// What stands behind the `?`.
    pub fn query(&self) -> &'a str {
        self.head.uri.query().unwrap_or_default()
    }

    /// Where files can be handed in that the system is to send.
    pub fn outlet(&self) -> Option<&'a Outlet> {
        self.outlet
    }
}
