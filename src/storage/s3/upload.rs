//! Originals on their way into a bucket.

use std::{fs::File, io, os::unix::fs::FileExt};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::FuturesUnordered};
use object_store::{
    Attributes, MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions, UploadPart,
    aws::AmazonS3, path::Path,
};

use super::{Spooled, StorageError, error::Failure};
use crate::blocking;

/// Bytes of a part; S3 takes no smaller ones than 5 MiB, and no more than 10,000 of them.
const PART: u64 = 8 << 20;

/// Parts on their way at a time: with the one that is read, 24 MiB of memory for an upload.
const PARTS: usize = 2;

/// Puts a file under a key: in one piece if it is small, else in parts that are put together at the end. Each is sent
/// with its SHA-256, which the bucket compares with what came.
pub(super) async fn upload(
    store: &AmazonS3,
    key: &Path,
    spooled: Spooled,
    attributes: Attributes,
) -> Result<(), StorageError> {
    let (file, length) = (spooled.reader()?, spooled.length());
    if length <= PART {
        let options = PutOptions {
            attributes,
            ..PutOptions::default()
        };
        let (_, bytes) = read(file, 0..length).await?;
        let put = store.put_opts(key, bytes.into(), options).await;
        put.map_err(Failure)?;
        return Ok(());
    }
    let options = PutMultipartOptions {
        attributes,
        ..PutMultipartOptions::default()
    };
    let upload = store.put_multipart_opts(key, options).await;
    let mut upload = upload.map_err(Failure)?;
    let sent = send_parts(&mut *upload, file, length).await;
    if sent.is_err()
        && let Err(error) = upload.abort().await
    {
        let error = StorageError::from(Failure(error));
        tracing::warn!(%error, "the parts of an upload that failed stay in the bucket");
    }
    sent
}

async fn send_parts(
    upload: &mut dyn MultipartUpload,
    mut file: File,
    length: u64,
) -> Result<(), StorageError> {
    let mut under_way = FuturesUnordered::<UploadPart>::new();
    let mut start = 0;
    while start < length {
        if under_way.len() == PARTS
            && let Some(sent) = under_way.next().await
        {
            sent.map_err(Failure)?;
        }
        let end = length.min(start + PART);
        let (same, part) = read(file, start..end).await?;
        file = same;
        under_way.push(upload.put_part(part.into()));
        start = end;
    }
    while let Some(sent) = under_way.next().await {
        sent.map_err(Failure)?;
    }
    upload.complete().await.map_err(Failure)?;
    Ok(())
}

/// Reads a part of the file, and gives the file back.
async fn read(file: File, range: std::ops::Range<u64>) -> io::Result<(File, Bytes)> {
    blocking::run_io(move || {
        // At most PART.
        let mut bytes = BytesMut::zeroed((range.end - range.start) as usize);
        file.read_exact_at(&mut bytes, range.start)?;
        Ok((file, bytes.freeze()))
    })
    .await
}
