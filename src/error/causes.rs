//! What a client is told of the errors of the layers below.

use super::ApiError;
use crate::{
    actors::{CannotSign, Overloaded, RenderError},
    db::DbError,
    domain::{
        fields::FieldErrors,
        staff::Refusal,
        tier::{LimitReached, TierName},
    },
    imaging::{ImageError, OtherFormat},
    site::SiteError,
    storage::StorageError,
};

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) => Self::unavailable(error),
            DbError::Full(_) => Self::storage_full(error),
            // Constraints that a client can meet are looked at where the query is made.
            DbError::Constraint(_) | DbError::Broken(_) => Self::internal(error),
        }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Full(_) => Self::storage_full(error),
            StorageError::Failed(_) => Self::unavailable(error),
        }
    }
}

impl From<SiteError> for ApiError {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::Db(error) => error.into(),
            error => Self::unavailable(error),
        }
    }
}

impl From<Overloaded> for ApiError {
    fn from(error: Overloaded) -> Self {
        match error {
            Overloaded::Busy => Self::overloaded(),
            Overloaded::TooLarge { .. } => {
                Self::field("image", "The image is too large to be processed.").caused_by(error)
            }
        }
    }
}

impl From<LimitReached> for ApiError {
    fn from(reached: LimitReached) -> Self {
        match reached {
            LimitReached::Quota { used, allowed } => Self::forbidden(
                "quota_exceeded",
                format!("Your storage is full: {used} of {allowed} bytes are used."),
            ),
            LimitReached::Rate { retry_after } => Self::throttled(retry_after),
        }
    }
}

impl From<CannotSign> for ApiError {
    fn from(error: CannotSign) -> Self {
        Self::internal(error)
    }
}

const OTHER_FORMAT: &str = "Invalid image format. Only JPG and PNG are allowed";
const DAMAGED: &str =
    "Upload a valid image. The file you uploaded was either not an image or a corrupted image.";

impl ApiError {
    /// 400: a file that is neither PNG nor JPEG. A second sentence says what it is, where that is known.
    pub fn other_format(format: Option<OtherFormat>) -> Self {
        let mut sentences = vec![OTHER_FORMAT.to_owned()];
        sentences.extend(format.map(|format| match format {
            OtherFormat::Heic => "The file is a HEIC picture. An iPhone takes JPEG photos after Settings > Camera > \
                Formats > Most Compatible; on other phones, switch HEIF or high efficiency pictures off in the \
                camera's settings."
                .to_owned(),
            OtherFormat::Pdf => "The file is a PDF document.".to_owned(),
            OtherFormat::Avif | OtherFormat::Svg => {
                format!("The file is an {} picture.", format.name())
            }
            format => format!("The file is a {} picture.", format.name()),
        }));
        Self::fields([("image", sentences)].into())
    }
}

impl From<ImageError> for ApiError {
    fn from(error: ImageError) -> Self {
        let sentence = match &error {
            ImageError::OtherFormat => return Self::other_format(None).caused_by(error),
            ImageError::Damaged(_) | ImageError::Unsupported(_) => DAMAGED.to_owned(),
            ImageError::TooManyPixels { pixels, max_pixels } => {
                format!("The image has {pixels} pixels; at most {max_pixels} are allowed.")
            }
            ImageError::TooComplex(what) => {
                format!("The image is too complex to be processed: {what}.")
            }
            ImageError::TimedOut => "The image takes too long to be processed.".to_owned(),
            ImageError::Io(_) => return Self::unavailable(error),
        };
        Self::field("image", sentence).caused_by(error)
    }
}

impl From<RenderError> for ApiError {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Image(error) => error.into(),
            // The picture is at fault until shown otherwise; where it came up, it was logged as the bug that it is.
            RenderError::Panicked(_) => Self::field("image", DAMAGED).caused_by(error),
            RenderError::Incomplete => Self::internal(error),
            RenderError::Gone => Self::unavailable(error),
        }
    }
}

impl From<FieldErrors> for ApiError {
    fn from(FieldErrors(errors): FieldErrors) -> Self {
        Self::fields(errors)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let sentence = || format!("{refusal}.");
        match &refusal {
            Refusal::Forbidden => Self::permission_denied(),
            Refusal::Gone => Self::not_found(),
            Refusal::OtherVersion => Self::precondition_failed(),
            Refusal::TierNameTaken(_) => Self::field("name", "tier with this name already exists."),
            Refusal::UsernameTaken(_) => {
                Self::field("username", "A user with that username already exists.")
            }
            Refusal::NoSuchTier(name) => Self::field("tier", TierName::unknown(name)),
            Refusal::TierInUse { .. } => Self::conflict("tier_in_use", sentence()),
            Refusal::LastSuperuser(_) => Self::conflict("last_superuser", sentence()),
            Refusal::LastKey => Self::conflict("last_key", sentence()),
            Refusal::BackfillUnderWay(_) => Self::conflict("backfill_under_way", sentence()),
            Refusal::JobEnded => Self::conflict("job_ended", sentence()),
            Refusal::Upkeep => Self::conflict("upkeep", sentence()),
        }
    }
}
