//! The setting that tells where pictures are kept.

use std::{fmt, path::PathBuf, str::FromStr};

use url::Url;

/// Where pictures are kept, as `TIERPIX_STORAGE_URL` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageUrl {
    /// A folder: `file:///srv/pictures`.
    Folder(PathBuf),
    /// A bucket: `s3://bucket/prefix`.
    Bucket {
        /// Its name.
        name: String,
        /// What the keys begin with: empty, or with a slash at its end.
        prefix: String,
    },
}

impl FromStr for StorageUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| HOW_TO_WRITE)?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(HOW_TO_WRITE.to_owned());
        }
        match url.scheme() {
            // With one slash or none it would be read as an absolute path that was not meant.
            "file" if text.starts_with("file:///") => match url.to_file_path() {
                Ok(path) => Ok(Self::Folder(path)),
                Err(()) => Err(HOW_TO_WRITE.to_owned()),
            },
            "s3" => bucket(&url),
            _ => Err(HOW_TO_WRITE.to_owned()),
        }
    }
}

const HOW_TO_WRITE: &str = "write it as file:///srv/pictures or s3://bucket/prefix";

fn bucket(url: &Url) -> Result<StorageUrl, String> {
    let name = url.host_str().unwrap_or_default();
    let is_bucket = (3..=63).contains(&name.len())
        && url.port().is_none()
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
    if !is_bucket {
        return Err(HOW_TO_WRITE.to_owned());
    }
    let prefix = url.path().trim_matches('/');
    let is_part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && part.bytes().all(plain)
    };
    if !prefix.is_empty() && !prefix.split('/').all(is_part) {
        return Err("a prefix has letters, digits, `.`, `_`, `-` and single slashes".to_owned());
    }
    Ok(StorageUrl::Bucket {
        name: name.to_owned(),
        prefix: match prefix {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        },
    })
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => match Url::from_file_path(path) {
                Ok(url) => url.fmt(f),
                Err(()) => path.display().fmt(f),
            },
            Self::Bucket { name, prefix } => {
                write!(f, "s3://{name}/{prefix}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StorageUrl, String> {
        text.parse()
    }

    #[test]
    fn a_folder_is_an_absolute_path() {
        let folder = |path: &str| Ok(StorageUrl::Folder(path.into()));
        assert_eq!(parse("file:///srv/pictures"), folder("/srv/pictures"));
        assert_eq!(parse("file:///srv/my%20pics"), folder("/srv/my pics"));
        for text in ["file:pictures", "file://pictures", "file://host/p", "/srv"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bucket_may_have_a_prefix() {
        let bucket = |name: &str, prefix: &str| {
            Ok(StorageUrl::Bucket {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            })
        };
        assert_eq!(parse("s3://pics"), bucket("pics", ""));
        assert_eq!(parse("s3://pics/"), bucket("pics", ""));
        assert_eq!(parse("s3://my.pics/a/b-1/"), bucket("my.pics", "a/b-1/"));
        for text in [
            "s3:",
            "s3://",
            "s3:///prefix",
            "s3://ab",
            "s3://Pics",
            "s3://pics:9000/a",
            "s3://key:secret@pics",
            "s3://pics/a//b",
            "s3://pics/a b",
            "s3://pics/a?region=x",
            "gs://pics",
            "",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_is_written_as_it_can_be_read() {
        for text in ["file:///srv/my%20pics", "s3://pics/", "s3://pics/a/b/"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }
}
