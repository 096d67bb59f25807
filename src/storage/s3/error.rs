//! What went wrong between us and a bucket.

use std::{error::Error, io};

use super::StorageError;

/// A failure of the bucket, of the way to it, or of our credentials.
pub(super) struct Failure(pub object_store::Error);

/// How servers that know of full disks tell of them (MinIO, Ceph).
const FULL: [&str; 3] = ["507 ", "XMinioStorageFull", "QuotaExceeded"];

impl From<Failure> for StorageError {
    fn from(Failure(error): Failure) -> Self {
        let text = describe(&error);
        if FULL.iter().any(|full| text.contains(full)) {
            Self::Full(io::Error::new(io::ErrorKind::StorageFull, text))
        } else {
            Self::Failed(io::Error::other(text))
        }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        match failure.into() {
            StorageError::Full(error) | StorageError::Failed(error) => error,
        }
    }
}

/// The innermost cause. What lies around it names the object, which whoever reads a log is not to open.
fn describe(error: &object_store::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    format!("S3: {}", without_body(&cause.to_string()))
}

/// Of an answer's body the code alone: the rest may name the object too.
fn without_body(cause: &str) -> String {
    let Some((status, body)) = cause.split_once(": <") else {
        return cause.to_owned();
    };
    let code = body
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    match code {
        Some((code, _)) => format!("{status}: {code}"),
        None => status.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cause: &str) -> StorageError {
        let cause = io::Error::other(cause.to_owned());
        let around = object_store::Error::PermissionDenied {
            path: "3f2/secret-name.jpg".to_owned(),
            source: Box::new(cause),
        };
        Failure(around).into()
    }

    #[test]
    fn an_error_tells_its_cause_and_no_name() {
        let body = "<?xml?><Error><Code>AccessDenied</Code><Resource>/3f2/secret-name.jpg</Resource></Error>";
        let error = told(&format!("Server returned 403 Forbidden: {body}"));
        let text = error.to_string();
        assert!(
            text.ends_with("S3: Server returned 403 Forbidden: AccessDenied"),
            "{text}"
        );
    }

    #[test]
    fn a_full_bucket_is_told_from_one_that_is_gone() {
        for full in [
            "507 Insufficient Storage",
            "403 Forbidden: <Error><Code>QuotaExceeded</Code></Error>",
        ] {
            assert!(matches!(told(full), StorageError::Full(_)), "{full}");
        }
        assert!(matches!(
            told("Connection refused"),
            StorageError::Failed(_)
        ));
    }
}
