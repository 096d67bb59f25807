//! Requests and what became of them.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u32,
}

/// Counts requests by route and status.
pub struct Requests {
    answers: Family<Answer, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    bytes: Family<Route, Counter>,
    /// Bytes of files that left by `sendfile`.
    pub sendfile: Counter,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answers: Family::default(),
            seconds: Family::new_with_constructor(super::seconds),
            bytes: Family::default(),
            sendfile: Counter::default(),
        }
    }
}

impl Requests {
    /// Adds what is counted.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests that were answered, by the pattern of their path",
            self.answers.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "From the head of a request to the head of its answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register_with_unit(
            "http_response_body",
            "Bytes of bodies whose length was known before",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register_with_unit(
            "sendfile",
            "Bytes of files that the system sent without handing them to the program",
            Unit::Bytes,
            self.sendfile.clone(),
        );
    }

    /// Counts an answer. `route` is the pattern of the path, never the path: there are as many of those as clients like.
    pub fn count(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
        bytes: Option<u64>,
    ) {
        let method = known(method);
        let route = Route {
            method,
            route: route.to_owned(),
        };
        self.seconds
            .get_or_create(&route)
            .observe(took.as_secs_f64());
        if let Some(bytes) = bytes {
            self.bytes.get_or_create(&route).inc_by(bytes);
        }
        let answer = Answer {
            method,
            route: route.route,
            status: u32::from(status.as_u16()),
        };
        self.answers.get_or_create(&answer).inc();
    }
}

/// Clients can write any word as a method.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_invent_makes_no_new_series() {
        let requests = Requests::default();
        let mut registry = Registry::default();
        requests.register(&mut registry);
        for method in ["BREW", "WHEN", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            requests.count(
                &method,
                "unknown",
                StatusCode::NOT_FOUND,
                Duration::ZERO,
                None,
            );
        }
        let text = crate::metrics::encode(&registry).unwrap();
        assert_eq!(text.matches("http_requests_total{").count(), 1);
        assert!(
            text.contains(
                "http_requests_total{method=\"other\",route=\"unknown\",status=\"404\"} 3"
            )
        );
    }
}
