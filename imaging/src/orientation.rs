//! Which way up a picture is: the Exif orientation tag, read and applied.

use std::borrow::Cow;

use super::Dimensions;
use super::raster::Raster;

/// How the stored picture is turned into the upright one (Exif 3.0, 4.6.4.A, tag 0112).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Orientation {
    /// 1, and every value that means nothing.
    #[default]
    Upright = 1,
    /// 2: left and right exchanged.
    FlippedHorizontally = 2,
    /// 3: half a turn.
    HalfTurn = 3,
    /// 4: top and bottom exchanged.
    FlippedVertically = 4,
    /// 5: mirrored at the diagonal from the upper left.
    Transposed = 5,
    /// 6: a quarter turn clockwise makes it upright.
    QuarterTurn = 6,
    /// 7: mirrored at the diagonal from the upper right.
    Transversed = 7,
    /// 8: three quarter turns clockwise make it upright.
    ThreeQuarterTurn = 8,
}

/// A corner of the stored picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corner {
    pub(super) right: bool,
    pub(super) bottom: bool,
}

impl Orientation {
    fn from_tag(value: u32) -> Self {
        match value {
            2 => Self::FlippedHorizontally,
            3 => Self::HalfTurn,
            4 => Self::FlippedVertically,
            5 => Self::Transposed,
            6 => Self::QuarterTurn,
            7 => Self::Transversed,
            8 => Self::ThreeQuarterTurn,
            _ => Self::Upright,
        }
    }

    /// The tag's value.
    pub(super) fn tag(self) -> u8 {
        self as u8
    }

    /// Reads the tag from a TIFF structure, as it stands after `Exif\0\0` in a JPEG and in PNG's eXIf.
    /// Whatever cannot be read is upright: damaged metadata do not make a damaged picture.
    pub(super) fn from_exif(tiff: &[u8]) -> Self {
        Self::find_tag(tiff).map_or(Self::Upright, Self::from_tag)
    }

    /// The tag's value in the first directory (TIFF 6.0, section 2), there as SHORT or as LONG.
    fn find_tag(tiff: &[u8]) -> Option<u32> {
        const ORIENTATION: u16 = 0x0112;
        const SHORT: u16 = 3;
        const LONG: u16 = 4;

        let little_endian = match tiff.first_chunk()? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let u16_at = |offset: usize| -> Option<u16> {
            let bytes = *tiff.get(offset..)?.first_chunk()?;
            Some(if little_endian {
                u16::from_le_bytes(bytes)
            } else {
                u16::from_be_bytes(bytes)
            })
        };
        let u32_at = |offset: usize| -> Option<u32> {
            let bytes = *tiff.get(offset..)?.first_chunk()?;
            Some(if little_endian {
                u32::from_le_bytes(bytes)
            } else {
                u32::from_be_bytes(bytes)
            })
        };

        if u16_at(2)? != 42 {
            return None;
        }
        let directory = usize::try_from(u32_at(4)?).ok()?;
        let first_entry = directory.checked_add(2)?;
        for index in 0..usize::from(u16_at(directory)?) {
            let entry = first_entry.checked_add(index * 12)?;
            if u16_at(entry)? != ORIENTATION {
                continue;
            }
            if u32_at(entry + 4)? != 1 {
                return None;
            }
            return match u16_at(entry + 2)? {
                SHORT => u16_at(entry + 8).map(u32::from),
                LONG => u32_at(entry + 8),
                _ => None,
            };
        }
        None
    }

    /// True where width and height change places.
    fn exchanges_sides(self) -> bool {
        matches!(
            self,
            Self::Transposed | Self::QuarterTurn | Self::Transversed | Self::ThreeQuarterTurn
        )
    }

    /// The upright size of a picture that is stored in this size, and the other way round.
    pub(super) fn turn(self, size: Dimensions) -> Dimensions {
        if self.exchanges_sides() {
            Dimensions {
                width: size.height,
                height: size.width,
            }
        } else {
            size
        }
    }

    /// The stored corner that is the upright picture's upper left one.
    pub(super) fn first_corner(self) -> Corner {
        Corner {
            right: matches!(
                self,
                Self::HalfTurn
                    | Self::FlippedHorizontally
                    | Self::ThreeQuarterTurn
                    | Self::Transversed
            ),
            bottom: matches!(
                self,
                Self::HalfTurn | Self::FlippedVertically | Self::QuarterTurn | Self::Transversed
            ),
        }
    }

    /// The upright picture.
    pub(super) fn apply(self, stored: &Raster) -> Cow<'_, Raster> {
        if self == Self::Upright {
            return Cow::Borrowed(stored);
        }
        Cow::Owned(match stored.layout.channels() {
            1 => self.apply_pixels::<1>(stored),
            2 => self.apply_pixels::<2>(stored),
            3 => self.apply_pixels::<3>(stored),
            _ => self.apply_pixels::<4>(stored),
        })
    }

    fn apply_pixels<const N: usize>(self, stored: &Raster) -> Raster {
        let mut samples = Vec::with_capacity(stored.samples.len());
        let (pixels, _) = stored.samples.as_chunks::<N>();
        let row_length = stored.row_pixels();
        let mut rows: Vec<&[[u8; N]]> = pixels.chunks_exact(row_length).collect();
        let first = self.first_corner();
        if first.bottom {
            rows.reverse();
        }
        if self.exchanges_sides() {
            let mut copy_column =
                |x: usize| samples.extend(rows.iter().filter_map(|row| row.get(x)).flatten());
            if first.right {
                (0..row_length).rev().for_each(&mut copy_column);
            } else {
                (0..row_length).for_each(&mut copy_column);
            }
        } else {
            for row in rows {
                if first.right {
                    samples.extend(row.iter().rev().flatten());
                } else {
                    samples.extend(row.iter().flatten());
                }
            }
        }
        Raster {
            size: self.turn(stored.size),
            layout: stored.layout,
            samples,
        }
    }
}
