//! Whether the server knows of checksums: `x-amz-checksum-sha256` came to S3 in 2022, and appliances, older Ceph and others
//! answer it with 400 or 501.

use object_store::{
    ObjectStoreExt, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, Checksum},
    path::Path,
};
use tokio::sync::OnceCell;

use super::{StorageError, error::Failure, probe};

/// What writes into a bucket: with checksums that the server compares where it can, else without.
pub(super) struct Writer {
    with_checksums: AmazonS3,
    without: AmazonS3,
    /// As `with_checksums`, for a single try.
    trial: AmazonS3,
    /// Found out by the first write.
    takes_checksums: OnceCell<bool>,
}

impl Writer {
    pub(super) fn new(builder: AmazonS3Builder) -> Result<Self, StorageError> {
        let with_checksums = || builder.clone().with_checksum_algorithm(Checksum::SHA256);
        let once = RetryConfig {
            max_retries: 0,
            ..RetryConfig::default()
        };
        Ok(Self {
            with_checksums: with_checksums().build().map_err(Failure)?,
            trial: with_checksums().with_retry(once).build().map_err(Failure)?,
            without: builder.build().map_err(Failure)?,
            takes_checksums: OnceCell::new(),
        })
    }

    /// What to write with. The first call puts an object under this key, which it leaves to be removed.
    pub(super) async fn store(&self, probe_key: &Path) -> Result<&AmazonS3, StorageError> {
        let takes = self
            .takes_checksums
            .get_or_try_init(|| self.try_out(probe_key));
        Ok(if *takes.await? {
            &self.with_checksums
        } else {
            &self.without
        })
    }

    /// Whether the server compares what it stores with the checksum that came with it.
    pub(super) fn is_compared_by_server(&self) -> bool {
        self.takes_checksums.get() == Some(&true)
    }

    /// Only a server that refuses a checksum, takes the same without one, and refuses it again does not know of it: others
    /// fail for other reasons.
    async fn try_out(&self, key: &Path) -> Result<bool, StorageError> {
        let Err(_) = self.trial.put(key, probe()).await else {
            return Ok(true);
        };
        self.without.put(key, probe()).await.map_err(Failure)?;
        let Err(error) = self.trial.put(key, probe()).await else {
            return Ok(true);
        };
        let error = StorageError::from(Failure(error));
        tracing::warn!(%error, "the bucket does not take checksums: each object is read back and compared once it is written");
        Ok(false)
    }
}
