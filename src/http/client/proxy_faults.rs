//! What a proxy in front does that the settings do not fit. Each fault is told once, in the log and on the panel's front page.

use std::{net::IpAddr, sync::OnceLock};

use actix_web::{HttpRequest, http::header};

use super::Client;
use crate::domain::origin::Origin;

/// The headers by which proxies tell of the client.
const FORWARDING: [&str; 4] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
];

/// The faults that this node has seen since its start, as sentences for the operator.
#[derive(Debug, Default)]
pub struct ProxyFaults {
    not_trusted: OnceLock<String>,
    host_rewritten: OnceLock<String>,
}

impl ProxyFaults {
    /// All of them.
    pub fn seen(&self) -> Vec<&str> {
        let all = [&self.not_trusted, &self.host_rewritten];
        all.into_iter()
            .filter_map(|fault| fault.get().map(String::as_str))
            .collect()
    }

    /// Looks whether a request, which came from this address, brings forwarding headers that are not believed.
    pub(super) fn look_at(&self, request: &HttpRequest, peer: IpAddr) {
        let headers = request.headers();
        if self.not_trusted.get().is_some()
            || !FORWARDING.iter().any(|&name| headers.contains_key(name))
        {
            return;
        }
        tell(&self.not_trusted, || {
            format!(
                "Requests from {peer} bring forwarding headers, which are not believed. If {peer} is a proxy of yours, set \
                 TIERPIX_TRUSTED_PROXIES={peer}: until then all its clients count as one, and no session cookie is Secure"
            )
        });
    }

    /// Looks whether a request that was refused as another site's may have lost its host on the way.
    pub fn look_at_refused(&self, request: &HttpRequest, client: &Client) {
        // What a browser itself says of the site does not depend on Host.
        if request.headers().contains_key("sec-fetch-site") {
            return;
        }
        let origin = request.headers().get(header::ORIGIN);
        let origin = origin.and_then(|origin| origin.to_str().ok()?.parse::<Origin>().ok());
        let Some(origin) = origin else { return };
        tell(&self.host_rewritten, || {
            format!(
                "A form of the page {origin} was refused as another site's, because the request came to {}. If {origin} is this \
                 site, let the proxy pass on Host (nginx: proxy_set_header Host $host), or set TIERPIX_PUBLIC_URL={origin}",
                client.origin()
            )
        });
    }
}

fn tell(fault: &OnceLock<String>, sentence: impl FnOnce() -> String) {
    let mut is_new = false;
    let sentence = fault.get_or_init(|| {
        is_new = true;
        sentence()
    });
    if is_new {
        tracing::warn!("{sentence}");
    }
}
