//! How many uploads may be under way, so that none is sent or rendered in vain.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Registry,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::actors::Overloaded;

/// Uploads for each render thread whose picture is there, until it is stored: more would only wait, for a thread, the disk or
/// the database, until their time is over.
const PLACES_A_THREAD: usize = 16;

/// Lets uploads begin while there is a prospect of their being stored.
#[derive(Clone, Debug)]
pub struct Turns {
    places: usize,
    free: Arc<Semaphore>,
    arriving: Arc<AtomicUsize>,
}

/// An upload that may go on; it is over when this is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// For so many threads that render.
    pub fn new(threads: usize) -> Self {
        let places = threads * PLACES_A_THREAD;
        Self {
            places,
            free: Arc::new(Semaphore::new(places)),
            arriving: Arc::default(),
        }
    }

    /// Lets a client send its picture, unless so many are under way that it would be sent in vain.
    ///
    /// Those that are being sent count for half of the places at most: clients that never end must not keep the others out.
    pub fn begin(&self) -> Result<Turn, Overloaded> {
        let others = self.arriving.fetch_add(1, Ordering::Relaxed);
        let turn = Turn {
            turns: self.clone(),
            place: None,
        };
        if others.min(self.places / 2) < self.free.available_permits() {
            Ok(turn)
        } else {
            Err(Overloaded::Busy)
        }
    }

    /// Adds what is under way.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(self.clone()));
    }
}

impl Turn {
    /// Takes a place, now that the picture is there.
    pub fn arrived(&mut self) -> Result<(), Overloaded> {
        let place = self.turns.free.clone().try_acquire_owned();
        self.place = Some(place.map_err(|_| Overloaded::Busy)?);
        self.turns.arriving.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.place.is_none() {
            self.turns.arriving.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Collector for Turns {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let arrived = self.places - self.free.available_permits().min(self.places);
        let figures = [
            (
                "uploads_arriving",
                "Uploads whose picture is being sent",
                self.arriving.load(Ordering::Relaxed),
            ),
            (
                "uploads_arrived",
                "Uploads that are rendered and stored, or wait for it",
                arrived,
            ),
            (
                "upload_places",
                "Uploads that may be rendered and stored, or wait for it, at a time",
                self.places,
            ),
        ];
        for (name, help, value) in figures {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(turns: &Turns) -> Turn {
        let mut turn = turns.begin().unwrap();
        turn.arrived().unwrap();
        turn
    }

    #[test]
    fn there_are_sixteen_places_a_thread() {
        let turns = Turns::new(2);
        let mut under_way: Vec<_> = (0..32).map(|_| arrived(&turns)).collect();
        assert_eq!(turns.begin().err(), Some(Overloaded::Busy));
        under_way.pop();
        assert!(turns.begin().is_ok());
    }

    #[test]
    fn those_on_their_way_count_for_half_of_the_places() {
        let turns = Turns::new(1);
        let on_their_way: Vec<_> = (0..100).map(|_| turns.begin().unwrap()).collect();
        let mut under_way: Vec<_> = (0..8).map(|_| arrived(&turns)).collect();
        assert_eq!(turns.begin().err(), Some(Overloaded::Busy));
        under_way.pop();
        assert!(turns.begin().is_ok());
        drop(on_their_way);
        let more: Vec<_> = (0..9).map(|_| arrived(&turns)).collect();
        assert_eq!(more.len() + under_way.len(), 16);
    }

    #[test]
    fn who_arrives_when_all_places_are_taken_is_refused_and_counts_no_more() {
        let turns = Turns::new(1);
        let mut under_way: Vec<_> = (0..16).map(|_| turns.begin().unwrap()).collect();
        let mut late = turns.begin().unwrap();
        for turn in &mut under_way {
            turn.arrived().unwrap();
        }
        assert_eq!(late.arrived(), Err(Overloaded::Busy));
        drop(late);
        assert_eq!(turns.arriving.load(Ordering::Relaxed), 0);
        drop(under_way);
        assert_eq!(turns.free.available_permits(), 16);
    }
}
