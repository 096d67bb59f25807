//! Spans that go to a collector, by OTLP over HTTP.

use std::{env, time::Duration};

use actix_web::http::header::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn};

use super::{Reader, spans};

/// How long the last spans may take to be sent when the program ends.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where spans go. Dropped, it sends what is left, for two seconds at most.
#[must_use]
pub struct Traces(Option<Result<SdkTracerProvider, String>>);

impl Traces {
    /// To the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` names. The other variables
    /// of the OpenTelemetry specification count too.
    pub(super) fn from_environment() -> Self {
        let names = [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        ];
        if names.iter().all(|name| env::var_os(name).is_none()) {
            return Self(None);
        }
        crate::tls::use_ring();
        let exporter = SpanExporter::builder().build();
        Self(Some(
            exporter.map(provider).map_err(|error| error.to_string()),
        ))
    }

    pub(super) fn reader(&self) -> Option<Reader> {
        let Some(Ok(provider)) = &self.0 else {
            return None;
        };
        let reader = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("tierpix"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false);
        let ours = filter_fn(|metadata| metadata.target() == spans::TARGET);
        Some(reader.with_filter(ours).boxed())
    }

    /// Tells why there are no spans, if there should be some.
    pub(super) fn tell(&self) {
        if let Some(Err(error)) = &self.0 {
            tracing::warn!(error, "no spans are sent");
        }
    }
}

fn provider(exporter: SpanExporter) -> SdkTracerProvider {
    let mut resource = Resource::builder();
    if env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("tierpix");
    }
    SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build()
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(Ok(provider)) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(PATIENCE)
        {
            tracing::warn!(%error, "the last spans are lost");
        }
    }
}

/// Makes a span part of the trace that a client tells of (W3C Trace Context, `traceparent`).
pub(super) fn follow(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&Headers(headers));
    // Fails where the span is not recorded.
    let _ = span.set_parent(parent);
}

/// Gives a span another name, also when it has begun.
pub(super) fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
