//! Objects in a bucket of Amazon S3, or of anything else that speaks its protocol.
//!
//! Keys are laid out as the files of a folder are, below the prefix, so that a folder that is copied as it is to a bucket
//! is one of ours. Nothing relies on conditional writes: the names cannot be guessed, and an object never changes.

mod checksums;
mod download;
mod error;
mod upload;

use std::{fs::File, io, path::Path as FilePath, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientConfigKey, ObjectStore, ObjectStoreExt, PutOptions,
    PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
    signer::{Method, SignedUrlOptions, Signer},
};
use sha2::{Digest, Sha256};

use self::{checksums::Writer, error::Failure};
use super::{
    DirectAccess, Listed, Listing, MARKER, Object, Reading, Spooled, Storage, StorageError,
    StorageUrl, key_of, listing::kind_of, private_folder,
};
use crate::{blocking, db::images::Sha256Digest, domain::media::ObjectName};

/// How long a connection may take.
const CONNECT_PATIENCE: &str = "3s";

/// How long one request may take, with its body: none carries more than a part of an upload.
const REQUEST_PATIENCE: &str = "20s";

/// How long after its first try a request that failed is tried again.
const RETRIES_FOR: Duration = Duration::from_secs(8);

/// How long the bucket may take to show that it can be written to.
const CHECK_PATIENCE: Duration = Duration::from_secs(3);

/// A page of a list, the most that S3 gives.
const PAGE: usize = 1000;

/// What is written to see whether that can be done.
const PROBE: &str = "readiness-probe";

/// The metadata that hold an object's digest, in hexadecimal digits.
const SHA256: &str = "sha256";

/// Objects of a bucket whose keys begin with a prefix.
pub struct S3Storage {
    name: String,
    bucket: Bucket,
    /// Where what must be read as a file is put.
    folder: Arc<FilePath>,
}

#[derive(Clone)]
struct Bucket {
    /// For all but writing.
    store: AmazonS3,
    writer: Arc<Writer>,
    prefix: Arc<str>,
}

impl S3Storage {
    /// Where the server is and who we are for it is told by the usual `AWS_…` variables; others among them do not matter.
    /// Nothing is asked of the bucket yet. Objects that must be read as files are put into `folder` for so long.
    ///
    /// # Errors
    ///
    /// When the variables do not fit each other, or the folder cannot be made.
    pub fn open(
        bucket: &str,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
        folder: &FilePath,
    ) -> Result<Self, StorageError> {
        private_folder(folder)?;
        crate::tls::use_ring();
        let mut builder = AmazonS3Builder::new();
        for (name, value) in variables {
            let key = name.to_ascii_lowercase().parse();
            if let (true, Ok(key)) = (name.starts_with("AWS_"), key) {
                builder = builder.with_config(key, value);
            }
        }
        let in_the_clear = [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint]
            .iter()
            .filter_map(|key| builder.get_config_value(key))
            .any(|endpoint| endpoint.starts_with("http://"));
        let client = AmazonS3ConfigKey::Client;
        let builder = builder
            .with_bucket_name(bucket)
            .with_config(client(ClientConfigKey::ConnectTimeout), CONNECT_PATIENCE)
            .with_config(client(ClientConfigKey::Timeout), REQUEST_PATIENCE)
            // Who names an http endpoint wants it.
            .with_config(client(ClientConfigKey::AllowHttp), in_the_clear.to_string())
            // Not everything that speaks S3 has it.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_millis(100),
                    max_backoff: Duration::from_secs(2),
                    base: 2.0,
                },
                // The time is what ends them.
                max_retries: usize::MAX,
                retry_timeout: RETRIES_FOR,
            });
        Ok(Self {
            name: bucket.to_owned(),
            bucket: Bucket {
                store: builder.clone().build().map_err(Failure)?,
                writer: Arc::new(Writer::new(builder)?),
                prefix: prefix.into(),
            },
            folder: folder.into(),
        })
    }
}

impl Bucket {
    fn key(&self, name: &ObjectName) -> Path {
        Path::from(format!("{}{}", self.prefix, key_of(name)))
    }
}

/// What is kept with an object.
fn attributes(name: &ObjectName, digest: &Sha256Digest) -> Attributes {
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Attributes::from_iter([
        (
            Attribute::ContentType,
            name.format.content_type().to_owned(),
        ),
        (Attribute::Metadata(SHA256.into()), digest),
    ])
}

#[async_trait]
impl Storage for S3Storage {
    fn url(&self) -> StorageUrl {
        StorageUrl::Bucket {
            name: self.name.clone(),
            prefix: self.bucket.prefix.to_string(),
        }
    }

    async fn put_original(&self, name: &ObjectName, bytes: Spooled) -> Result<(), StorageError> {
        let (key, digest) = (self.bucket.key(name), bytes.sha256());
        let attributes = attributes(name, &digest);
        let store = self.bucket.store_to_write().await?;
        upload::upload(store, &key, bytes, attributes).await?;
        self.bucket.compare(&key, &digest).await
    }

    async fn put_thumbnail(&self, name: &ObjectName, bytes: Bytes) -> Result<(), StorageError> {
        let (key, digest) = (self.bucket.key(name), Sha256::digest(&bytes).into());
        let options = PutOptions {
            attributes: attributes(name, &digest),
            ..PutOptions::default()
        };
        let store = self.bucket.store_to_write().await?;
        let put = store.put_opts(&key, bytes.into(), options).await;
        put.map_err(Failure)?;
        self.bucket.compare(&key, &digest).await
    }

    async fn open(&self, name: &ObjectName) -> Result<Option<Arc<dyn Object>>, StorageError> {
        match download::open(&self.bucket.store, self.bucket.key(name)).await? {
            Some(object) => Ok(Some(object)),
            None => self.nothing_there().await,
        }
    }

    async fn fetch(&self, name: &ObjectName) -> Result<Option<File>, StorageError> {
        let Some(object) = self.open(name).await? else {
            return Ok(None);
        };
        let folder = self.folder.clone();
        let file = blocking::run_io(move || tempfile::tempfile_in(folder)).await?;
        Ok(Some(download::to_file(object, file).await?))
    }

    async fn length(&self, name: &ObjectName) -> Result<Option<u64>, StorageError> {
        match self.bucket.store.head(&self.bucket.key(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Failure(error).into()),
        }
    }

    async fn delete(&self, name: &ObjectName) -> Result<(), StorageError> {
        self.bucket.delete(&self.bucket.key(name)).await
    }

    async fn list(&self, after: Option<&str>) -> Result<Listing, StorageError> {
        let prefix = &*self.bucket.prefix;
        let options = PaginatedListOptions {
            offset: after.map(|key| format!("{prefix}{key}")),
            max_keys: Some(PAGE),
            ..PaginatedListOptions::default()
        };
        let prefix = (!prefix.is_empty()).then_some(prefix);
        let page = self.bucket.store.list_paginated(prefix, options).await;
        let page = page.map_err(Failure)?;
        let keys = page.result.objects.iter();
        let last = keys.map(|found| found.location.as_ref()).max();
        let next = last.filter(|_| page.page_token.is_some());
        Ok(Listing {
            next: next.map(|key| self.bucket.within(key).to_owned()),
            entries: self.bucket.listed(page.result.objects),
        })
    }

    async fn delete_key(&self, key: &str) -> Result<(), StorageError> {
        self.bucket.delete(&self.bucket.below_prefix(key)).await
    }

    async fn marker(&self) -> Result<Option<Bytes>, StorageError> {
        let key = self.bucket.below_prefix(MARKER);
        let marker = async {
            match self.bucket.store.get(&key).await {
                Ok(found) => Ok(Some(found.bytes().await.map_err(Failure)?)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(Failure(error).into()),
            }
        };
        in_time(marker).await
    }

    async fn put_marker(&self, marker: Bytes) -> Result<(), StorageError> {
        let key = self.bucket.below_prefix(MARKER);
        let store = self.bucket.store_to_write().await?;
        let put = store.put(&key, marker.into()).await;
        put.map(drop).map_err(|error| Failure(error).into())
    }

    async fn any_entry(&self) -> Result<Option<String>, StorageError> {
        let mut after = None;
        loop {
            let page = self.list(after.as_deref()).await?;
            if let Some(entry) = page.entries.into_iter().next() {
                return Ok(Some(entry.key));
            }
            after = page.next;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    async fn check(&self) -> Result<(), StorageError> {
        let key = self.bucket.below_prefix(PROBE);
        let check = async {
            let store = self.bucket.store_to_write().await?;
            store.put(&key, probe()).await.map_err(Failure)?;
            self.bucket.delete(&key).await
        };
        in_time(check).await
    }

    async fn direct_url(
        &self,
        name: &ObjectName,
        access: DirectAccess<'_>,
    ) -> Result<Option<String>, StorageError> {
        let method = match access.reading {
            Reading::Head => Method::HEAD,
            Reading::Get => Method::GET,
        };
        let options = SignedUrlOptions::default().with_query([
            ("response-content-disposition", access.disposition),
            ("response-cache-control", access.cache_control),
        ]);
        let (store, key) = (&self.bucket.store, self.bucket.key(name));
        let url = store.signed_url_opts(method, &key, access.life, &options);
        Ok(Some(url.await.map_err(Failure)?.into()))
    }
}

impl S3Storage {
    /// That an object is not there tells something only while the bucket is.
    async fn nothing_there<T>(&self) -> Result<Option<T>, StorageError> {
        match self.marker().await? {
            Some(_) => Ok(None),
            None => Err(
                io::Error::other(format!("S3: {MARKER} is missing: is the bucket gone?")).into(),
            ),
        }
    }
}

/// Gives up on a bucket that does not answer.
async fn in_time<T>(
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    let no_answer = |_| io::Error::new(io::ErrorKind::TimedOut, "S3: no answer in time");
    tokio::time::timeout(CHECK_PATIENCE, work)
        .await
        .map_err(no_answer)?
}

fn probe() -> PutPayload {
    PutPayload::from_static(b"ready?")
}

impl Bucket {
    async fn store_to_write(&self) -> Result<&AmazonS3, StorageError> {
        let key = self.below_prefix(PROBE);
        self.writer.store(&key).await
    }

    /// Reads an object back that was just written, where the server does not compare checksums itself.
    async fn compare(&self, key: &Path, digest: &Sha256Digest) -> Result<(), StorageError> {
        if self.writer.is_compared_by_server()
            || *digest == download::digest_of(&self.store, key).await?
        {
            return Ok(());
        }
        self.delete(key).await?;
        Err(io::Error::other("S3: an object came back altered").into())
    }

    async fn delete(&self, key: &Path) -> Result<(), StorageError> {
        match self.store.delete(key).await {
            // Amazon's own does not tell; others do.
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Failure(error).into()),
        }
    }

    /// A key without the prefix.
    fn within<'a>(&self, key: &'a str) -> &'a str {
        key.strip_prefix(&*self.prefix).unwrap_or(key)
    }

    fn below_prefix(&self, key: &str) -> Path {
        Path::from(format!("{}{key}", self.prefix))
    }

    fn listed(&self, objects: Vec<object_store::ObjectMeta>) -> Vec<Listed> {
        let listed = objects.into_iter().filter_map(|found| {
            let key = self.within(found.location.as_ref());
            let kind = kind_of(key).filter(|_| key != PROBE)?;
            Some(Listed {
                kind,
                key: key.to_owned(),
                bytes: found.size,
                modified: found.last_modified.into(),
            })
        });
        listed.collect()
    }
}
