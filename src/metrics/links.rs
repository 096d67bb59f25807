//! How links are opened, and why they are not.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// What became of a link that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opening {
    /// It was opened.
    Opened,
    /// It was opened for a preview, which uses nothing of it.
    Previewed,
    /// It was not signed by a key that counts, or changed since.
    Forged,
    /// Its time is over.
    Expired,
    /// No such link, or its image is gone.
    Gone,
    /// It was revoked.
    Revoked,
    /// The owner's tier has no links any more.
    NotInTier,
    /// It was opened as often as it may be.
    UsedUp,
    /// Something failed on our side.
    Failed,
}

impl Opening {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Opened,
        Self::Previewed,
        Self::Forged,
        Self::Expired,
        Self::Gone,
        Self::Revoked,
        Self::NotInTier,
        Self::UsedUp,
        Self::Failed,
    ];

    /// As labels and the log have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Previewed => "previewed",
            Self::Forged => "forged",
            Self::Expired => "expired",
            Self::Gone => "gone",
            Self::Revoked => "revoked",
            Self::NotInTier => "not_in_tier",
            Self::UsedUp => "used_up",
            Self::Failed => "failed",
        }
    }
}

impl EncodeLabelValue for Opening {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: Opening,
}

/// Counts openings of links.
#[derive(Default)]
pub struct LinkOpenings(Family<Outcome, Counter>);

impl LinkOpenings {
    /// Adds what is counted; every outcome from the start, so that the first of a kind is a change that can be seen.
    pub fn register(&self, registry: &mut Registry) {
        for outcome in Opening::ALL {
            drop(self.0.get_or_create(&Outcome { outcome }));
        }
        registry.register("link_openings", "Links that were asked for", self.0.clone());
    }

    /// Counts one.
    pub fn count(&self, outcome: Opening) {
        self.0.get_or_create(&Outcome { outcome }).inc();
    }
}
