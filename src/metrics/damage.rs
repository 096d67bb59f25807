//! Stored files that are not what was stored.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use crate::domain::image::Size;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Found {
    object: &'static str,
    damage: &'static str,
}

/// Counts what was found when somebody wanted to read it.
#[derive(Clone, Default)]
pub struct Damage(Family<Found, Counter>);

impl Damage {
    /// Adds what is counted.
    pub fn register(&self, registry: &mut Registry) {
        for object in ["original", "thumbnail"] {
            for damage in ["missing", "altered"] {
                drop(self.0.get_or_create(&Found { object, damage }));
            }
        }
        let help = "Stored files that were missing or altered when they were wanted";
        registry.register("damaged_objects", help, self.0.clone());
    }

    /// Counts one that is not there.
    pub fn missing(&self, size: Size) {
        self.count(size, "missing");
    }

    /// Counts one whose bytes are others.
    pub fn altered(&self, size: Size) {
        self.count(size, "altered");
    }

    fn count(&self, size: Size, damage: &'static str) {
        let object = match size {
            Size::Original => "original",
            Size::Thumbnail(_) => "thumbnail",
        };
        self.0.get_or_create(&Found { object, damage }).inc();
    }
}
