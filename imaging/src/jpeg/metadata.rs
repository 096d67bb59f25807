//! Application segments (B.2.4.6) that say what the samples mean: JFIF, Adobe, Exif and the ICC
//! profile.

use super::{ColorModel, JpegError, marker, unsupported};

/// The largest ICC profile that is kept, in bytes. Printers' profiles reach 2 or 3 MB.
pub const MAX_ICC_PROFILE: usize = 4 << 20;

/// What was found in application segments.
#[derive(Default)]
pub(super) struct Metadata {
    jfif: bool,
    adobe_transform: Option<u8>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) icc: IccSegments,
}

impl Metadata {
    /// Takes in an application segment. Those of other makers are ignored, as are malformed ones.
    pub(super) fn add(&mut self, code: u8, payload: &[u8]) {
        match code {
            marker::APP0 => self.jfif |= payload.starts_with(b"JFIF\0"),
            marker::APP1 => {
                if let Some(tiff) = payload.strip_prefix(b"Exif\0\0")
                    && self.exif.is_none()
                {
                    self.exif = Some(tiff.to_vec());
                }
            }
            marker::APP2 => {
                if let Some(part) = payload.strip_prefix(b"ICC_PROFILE\0") {
                    self.icc.add(part);
                }
            }
            marker::APP14 => {
                // "Adobe", version, two words of flags, the transform.
                if let Some(fields) = payload.strip_prefix(b"Adobe") {
                    self.adobe_transform = fields.get(6).copied().or(self.adobe_transform);
                }
            }
            _ => {}
        }
    }

    /// The colour model, by the rules that viewers share: JFIF means YCbCr, else Adobe's word, else
    /// the components' names.
    pub(super) fn color_model(&self, ids: &[u8]) -> Result<ColorModel, JpegError> {
        match (ids, self.adobe_transform) {
            ([_], _) => Ok(ColorModel::Gray),
            ([_, _, _], _) if self.jfif => Ok(ColorModel::YCbCr),
            ([_, _, _], Some(0)) => Ok(ColorModel::Rgb),
            ([b'R', b'G', b'B'], None) => Ok(ColorModel::Rgb),
            ([_, _, _], _) => Ok(ColorModel::YCbCr),
            ([_, _, _, _], None | Some(0)) => Ok(ColorModel::Cmyk),
            ([_, _, _, _], _) => Ok(ColorModel::Ycck),
            _ => unsupported("a number of components other than 1, 3 and 4"),
        }
    }
}

/// Parts of an ICC profile (ICC.1, Annex B.4): each says its number, from 1, and how many there
/// are.
#[derive(Default)]
pub(super) struct IccSegments {
    parts: Vec<(u8, Vec<u8>)>,
    count: u8,
    bytes: usize,
}

impl IccSegments {
    /// Takes in a part. Some programs write the same one twice: it counts once.
    fn add(&mut self, part: &[u8]) {
        if let [number, count, bytes @ ..] = part
            && self.bytes + bytes.len() <= MAX_ICC_PROFILE
            && !self.has(*number, bytes)
        {
            self.bytes += bytes.len();
            self.count = *count;
            self.parts.push((*number, bytes.to_vec()));
        }
    }

    fn has(&self, number: u8, bytes: &[u8]) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|(other, known)| *other == number && known == bytes)
    }

    /// The profile, if every part is there exactly once.
    pub(super) fn assemble(mut self) -> Option<Vec<u8>> {
        self.parts.sort_by_key(|&(number, _)| number);
        let numbers = self.parts.iter().map(|&(number, _)| number);
        let complete = self.count > 0 && numbers.eq(1..=self.count);
        complete.then(|| {
            self.parts
                .into_iter()
                .flat_map(|(_, bytes)| bytes)
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn icc(parts: &[(u8, u8, &[u8])]) -> Option<Vec<u8>> {
        let mut metadata = Metadata::default();
        for (number, count, bytes) in parts {
            let payload = [b"ICC_PROFILE\0", &[*number, *count][..], bytes].concat();
            metadata.add(marker::APP2, &payload);
        }
        metadata.icc.assemble()
    }

    #[test]
    fn a_profile_is_put_together_in_the_order_of_its_numbers() {
        assert_eq!(icc(&[(2, 2, b"cd"), (1, 2, b"ab")]).unwrap(), b"abcd");
    }

    #[test]
    fn a_part_that_is_sent_twice_counts_once() {
        let parts: [(u8, u8, &[u8]); 4] =
            [(1, 2, b"ab"), (2, 2, b"cd"), (1, 2, b"ab"), (2, 2, b"cd")];
        assert_eq!(icc(&parts).unwrap(), b"abcd");
    }

    #[test]
    fn a_profile_with_parts_missing_or_contradicting_is_no_profile() {
        assert_eq!(icc(&[]), None);
        assert_eq!(icc(&[(1, 2, b"ab")]), None);
        assert_eq!(icc(&[(1, 2, b"ab"), (1, 2, b"ab")]), None);
        assert_eq!(icc(&[(1, 1, b"ab"), (1, 1, b"cd")]), None);
        assert_eq!(icc(&[(0, 0, b"ab")]), None);
    }

    #[test]
    fn a_profile_beyond_the_limit_is_no_profile() {
        let part = vec![7; 65_000];
        let parts: Vec<(u8, u8, &[u8])> = (1..=80).map(|number| (number, 80, &part[..])).collect();
        assert_eq!(icc(&parts), None);
    }

    #[test]
    fn the_first_exif_block_counts() {
        let mut metadata = Metadata::default();
        metadata.add(marker::APP1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
        metadata.add(marker::APP1, b"Exif\0\0II");
        metadata.add(marker::APP1, b"Exif\0\0MM");
        assert_eq!(metadata.exif.as_deref(), Some(&b"II"[..]));
    }

    #[test]
    fn the_colour_model_follows_jfif_then_adobe_then_names() {
        let model = |segments: &[(u8, &[u8])], ids: &[u8]| {
            let mut metadata = Metadata::default();
            for (code, payload) in segments {
                metadata.add(*code, payload);
            }
            metadata.color_model(ids).unwrap()
        };
        let jfif: (u8, &[u8]) = (marker::APP0, b"JFIF\0\x01\x01");
        let rgb: (u8, &[u8]) = (marker::APP14, b"Adobe\0\x64\0\0\0\0\0");
        let ycck: (u8, &[u8]) = (marker::APP14, b"Adobe\0\x64\0\0\0\0\x02");
        assert_eq!(model(&[], b"G"), ColorModel::Gray);
        assert_eq!(model(&[], &[1, 2, 3]), ColorModel::YCbCr);
        assert_eq!(model(&[], b"RGB"), ColorModel::Rgb);
        assert_eq!(model(&[jfif], b"RGB"), ColorModel::YCbCr);
        assert_eq!(model(&[rgb], &[1, 2, 3]), ColorModel::Rgb);
        assert_eq!(model(&[jfif, rgb], &[1, 2, 3]), ColorModel::YCbCr);
        assert_eq!(model(&[], &[1, 2, 3, 4]), ColorModel::Cmyk);
        assert_eq!(model(&[rgb], &[1, 2, 3, 4]), ColorModel::Cmyk);
        assert_eq!(model(&[ycck], &[1, 2, 3, 4]), ColorModel::Ycck);
    }
}
