//! TLS to other servers, where this was built with it.

/// Makes `ring` what TLS is done with in this process, unless something else was chosen before. To be called before
/// anything that could speak TLS is built: two libraries to choose from would be none.
pub fn use_ring() {
    #[cfg(any(feature = "s3", feature = "otlp"))]
    // It fails if something was chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
