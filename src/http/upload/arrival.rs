//! How long a body may take to arrive.

use std::time::Duration;

use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use crate::{error::ApiError, http::multipart::FormError};

/// A client that sends nothing for this long has gone. As long a start has a client that is slower than
/// [`BYTES_A_SECOND`].
const SILENCE: Duration = Duration::from_secs(30);

/// Whoever sends less than this on the average only wants to hold what others need.
const BYTES_A_SECOND: u64 = 1024;

/// How long an upload that is refused may take to end by itself: as long as it takes to send a picture from near by.
const TO_END: Duration = Duration::from_millis(20);

/// Reads, for a moment, what a client sends that is refused already. Its connection can be kept where the body ends
/// meanwhile, and to make a new one costs more than to read a picture.
pub async fn let_end(mut body: Payload) {
    let ended = async { while let Some(Ok(_)) = body.next().await {} };
    // The server closes a connection whose body has not ended.
    let _ = tokio::time::timeout(TO_END, ended).await;
}

/// A body on its way.
pub struct Arrival {
    began: Instant,
    received: u64,
}

impl Arrival {
    /// It begins now.
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            received: 0,
        }
    }

    /// The next field of a form.
    ///
    /// # Errors
    /// 408 if it takes too long, 400 if the form is none.
    pub async fn next<T>(
        &mut self,
        stream: &mut (impl Stream<Item = Result<T, FormError>> + Unpin),
    ) -> Result<Option<T>, ApiError> {
        let late = Duration::from_secs(self.received / BYTES_A_SECOND) + SILENCE;
        let deadline = (Instant::now() + SILENCE).min(self.began + late);
        match tokio::time::timeout_at(deadline, stream.next()).await {
            Err(_) => Err(ApiError::request_timeout()),
            Ok(None) => Ok(None),
            Ok(Some(Ok(item))) => Ok(Some(item)),
            Ok(Some(Err(error))) => Err(error.into()),
        }
    }

    /// The next bytes of a field.
    ///
    /// # Errors
    /// As [`Arrival::next`].
    pub async fn bytes(
        &mut self,
        field: &mut (impl Stream<Item = Result<Bytes, FormError>> + Unpin),
    ) -> Result<Option<Bytes>, ApiError> {
        let bytes = self.next(field).await?;
        self.received += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// How many pieces of so many bytes come through, one every so many seconds; whether the rest was refused.
    async fn receive(pieces: usize, bytes: usize, seconds: u64) -> (usize, bool) {
        let pieces = stream::iter(0..pieces).then(|_| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(Bytes::from(vec![0; bytes]))
        });
        let mut pieces = std::pin::pin!(pieces);
        let mut arrival = Arrival::begin();
        let mut received = 0;
        loop {
            match arrival.bytes(&mut pieces).await {
                Ok(Some(_)) => received += 1,
                Ok(None) => return (received, false),
                Err(_) => return (received, true),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_goes_on_is_waited_for() {
        assert_eq!(receive(500, 2048, 2).await, (500, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_falls_silent_is_given_up() {
        assert_eq!(receive(1, 1 << 20, 31).await, (0, true));
        assert_eq!(receive(9, 1 << 20, 29).await, (9, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_a_byte_now_and_then_is_given_up() {
        assert_eq!(receive(1000, 1, 7).await, (4, true));
    }
}
