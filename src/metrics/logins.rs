//! Logins with a password.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use crate::auth::LoginError;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counts passwords that were checked. Those of HTTP Basic that were right a moment ago are not checked again.
#[derive(Default)]
pub struct Logins(Family<Outcome, Counter>);

impl Logins {
    /// Adds what is counted.
    pub fn register(&self, registry: &mut Registry) {
        for outcome in ["right", "wrong", "throttled", "failed"] {
            drop(self.0.get_or_create(&Outcome { outcome }));
        }
        registry.register("logins", "Passwords that were checked", self.0.clone());
    }

    /// Counts one.
    pub fn count<T>(&self, result: &Result<T, LoginError>) {
        let outcome = match result {
            Ok(_) => "right",
            Err(LoginError::Wrong) => "wrong",
            Err(LoginError::Throttled(_)) => "throttled",
            Err(LoginError::Password(_) | LoginError::Db(_)) => "failed",
        };
        self.0.get_or_create(&Outcome { outcome }).inc();
    }
}
