//! TLS to other servers.

/// Makes `ring` what TLS is done with in this process, unless something else was chosen before. To be called before
/// anything that could speak TLS is built: two libraries to choose from would be none.
pub fn use_ring() {
    // It fails if something was chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
