//! Why a picture gives no thumbnails.

use std::borrow::Cow;
use std::io;

use super::jpeg::JpegError;

/// Why a picture gives no thumbnails. All but [`ImageError::Io`] are the file's fault.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Neither PNG nor JPEG by its first bytes.
    #[error("neither PNG nor JPEG")]
    OtherFormat,
    /// Does not decode: truncated, a bad checksum, bad codes. The cause is for the log.
    #[error("damaged: {0}")]
    Damaged(Cow<'static, str>),
    /// Whole perhaps, but of a kind that browsers do not show either (arithmetic coding, 12 bit, lossless JPEG).
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// More pixels than the operator allows.
    #[error("{pixels} pixels, where {max_pixels} are allowed")]
    TooManyPixels {
        /// Width times height, as the header says.
        pixels: u64,
        /// The limit it is over.
        max_pixels: u64,
    },
    /// Out of all proportion: more scans or metadata than any encoder writes. Names the limit.
    #[error("too complex: {0}")]
    TooComplex(&'static str),
    /// The deadline passed before the work was done.
    #[error("took too long")]
    TimedOut,
    /// The source could not be read; says nothing about the picture.
    #[error("reading the picture: {0}")]
    Io(#[source] io::Error),
}

impl ImageError {
    /// Damage, with a cause for the log.
    pub(super) fn damaged(cause: impl Into<Cow<'static, str>>) -> Self {
        Self::Damaged(cause.into())
    }
}

impl From<io::Error> for ImageError {
    /// A file that ends too early is damaged; every other failure is the source's.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::damaged("ends too early")
        } else {
            Self::Io(error)
        }
    }
}

impl From<JpegError> for ImageError {
    fn from(error: JpegError) -> Self {
        match error {
            JpegError::Damaged(cause) => Self::damaged(cause),
            JpegError::Unsupported(kind) => Self::Unsupported(kind),
            JpegError::Stopped => Self::TimedOut,
            JpegError::Io(error) => error.into(),
        }
    }
}
