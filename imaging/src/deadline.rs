//! When a render is given up.

use std::time::{Duration, Instant};

use super::ImageError;

/// The moment at which work is given up, checked between rows, bands and thumbnails.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    pub const NEVER: Self = Self(None);

    /// A deadline this long from now.
    pub fn after(time: Duration) -> Self {
        // A time too far to be told is no deadline.
        Self(Instant::now().checked_add(time))
    }

    /// A checkpoint.
    ///
    /// # Errors
    /// [`ImageError::TimedOut`] once the deadline has passed.
    pub fn check(&self) -> Result<(), ImageError> {
        match self.0 {
            Some(end) if Instant::now() >= end => Err(ImageError::TimedOut),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_has_passed_is_an_error_at_the_next_checkpoint() {
        assert!(matches!(
            Deadline::after(Duration::ZERO).check(),
            Err(ImageError::TimedOut)
        ));
        assert!(Deadline::after(Duration::from_secs(3600)).check().is_ok());
        assert!(Deadline::after(Duration::MAX).check().is_ok());
        assert!(Deadline::NEVER.check().is_ok());
    }
}
