//! The place taken out of a JPEG, and of the further pictures behind it that phones write (CIPA DC-007, MPO).

use std::io::{BufRead, Seek};

use super::search::Search;
use super::{Edit, Edits, empty_rest, tiff};
use crate::ImageError;
use crate::source::Source;

/// Behind this an Exif segment is a TIFF structure.
const EXIF_PREFIX: usize = 6;

/// Behind these extended XMP goes on where the segment before ended: a digest, a length and an offset.
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXTENSION_HEAD: usize = 32 + 4 + 4;

pub(super) fn strip(
    source: &mut Source<'_, impl BufRead + Seek>,
    edit: &mut Edits<'_>,
) -> Result<(), ImageError> {
    let length = source.length()?;
    let mut segments = Segments {
        source,
        length,
        cut: None,
    };
    segments.source.skip(2)?;
    let mut kept = 2;
    loop {
        let start = segments.source.position()?;
        let found = Found::in_picture(&mut segments)?;
        let end = segments.source.position()?;
        if found.anything() {
            segments.source.go_to(start)?;
            found.take_out(&mut segments, edit)?;
            segments.source.go_to(end)?;
        }
        // A SOI with nothing behind it is no picture.
        if end > start {
            kept = end;
        }
        if let Some(offset) = segments.cut {
            return empty_rest(segments.source, offset, edit);
        }
        if end == start || !segments.at_next_picture()? {
            if kept < length {
                edit(Edit::Cut { length: kept })?;
            }
            return Ok(());
        }
    }
}

/// What may tell a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exif,
    Xmp,
    /// Photoshop's resources, IPTC among them. They go on over several segments, as XMP does.
    Photoshop,
    /// Comments, and what other makers write.
    Other,
}

impl Kind {
    /// By marker and data. `None` for what says how to show the pixels, and for tables.
    fn of(marker: u8, data: &[u8]) -> Option<Self> {
        match marker {
            0xE1 if data.starts_with(b"Exif\0") => Some(Self::Exif),
            0xE1 if data.starts_with(b"http://ns.adobe.com/x") => Some(Self::Xmp),
            0xED => Some(Self::Photoshop),
            // APP0 is JFIF, APP2 a profile or the index of a multi-picture file, APP14 Adobe's transform.
            0xE1 | 0xE3..=0xED | 0xEF | 0xFE => Some(Self::Other),
            _ => None,
        }
    }
}

/// What of one picture tells a place.
struct Found {
    exif: bool,
    xmp: bool,
    photoshop: bool,
    other: bool,
}

impl Found {
    /// Looks through a picture, from behind its SOI to behind its EOI.
    fn in_picture(
        segments: &mut Segments<'_, '_, impl BufRead + Seek>,
    ) -> Result<Self, ImageError> {
        let (mut xmp, mut photoshop) = (Search::names(), Search::datasets());
        let (mut exif, mut other) = (false, false);
        while let Some(Segment { kind, mut data, .. }) = segments.next()? {
            match kind {
                Kind::Exif => exif |= data.get_mut(EXIF_PREFIX..).is_some_and(tiff::strip),
                Kind::Xmp => {
                    let extension = data.strip_prefix(EXTENSION);
                    xmp.feed(
                        extension
                            .map_or(&data, |part| part.get(EXTENSION_HEAD..).unwrap_or_default()),
                    );
                }
                Kind::Photoshop => photoshop.feed(&data),
                Kind::Other => other |= names_place(&data),
            }
        }
        Ok(Self {
            exif,
            xmp: xmp.found(),
            photoshop: photoshop.found(),
            other,
        })
    }

    fn anything(&self) -> bool {
        self.exif || self.xmp || self.photoshop || self.other
    }

    /// Takes it out, from behind the SOI. XMP goes whole, and so do Photoshop's resources: each is one text, cut into
    /// segments.
    fn take_out(
        &self,
        segments: &mut Segments<'_, '_, impl BufRead + Seek>,
        edit: &mut Edits<'_>,
    ) -> Result<(), ImageError> {
        while let Some(Segment {
            kind,
            offset,
            mut data,
        }) = segments.next()?
        {
            let goes = match kind {
                Kind::Exif => {
                    if let Some(block) = data.get_mut(EXIF_PREFIX..)
                        && tiff::strip(block)
                    {
                        edit(Edit::Put {
                            offset: offset + EXIF_PREFIX as u64,
                            bytes: block,
                        })?;
                    }
                    false
                }
                Kind::Xmp => self.xmp,
                Kind::Photoshop => self.photoshop,
                Kind::Other => names_place(&data),
            };
            if goes {
                edit(Edit::Blank {
                    offset,
                    length: data.len() as u64,
                })?;
            }
        }
        Ok(())
    }
}

fn names_place(data: &[u8]) -> bool {
    let mut search = Search::names();
    search.feed(data);
    search.found()
}

/// A segment that may tell a place.
struct Segment {
    kind: Kind,
    /// Of its data.
    offset: u64,
    data: Vec<u8>,
}

/// The segments of a file, one picture after the other.
struct Segments<'a, 's, S> {
    source: &'a mut Source<'s, S>,
    /// The file's.
    length: u64,
    /// Where the data of a segment begin that the end of the file cuts. Its marker stays: it may be what proves to a
    /// decoder that the scan before it is whole.
    cut: Option<u64>,
}

impl<S: BufRead + Seek> Segments<'_, '_, S> {
    /// The picture's next segment that may tell a place. `None` behind its EOI, at the end of the file, and in a segment
    /// that the file's end cuts.
    fn next(&mut self) -> Result<Option<Segment>, ImageError> {
        while self.source.skip_past(0xFF)? {
            let mut marker = self.source.next()?;
            while marker == Some(0xFF) {
                marker = self.source.next()?;
            }
            let marker = match marker {
                None | Some(0xD9) => return Ok(None),
                // Stuffing, TEM, RSTn and SOI have no length.
                Some(0x00 | 0x01 | 0xD0..=0xD8) => continue,
                Some(marker) => marker,
            };
            let offset = self.source.position()? + 2;
            if offset > self.length {
                self.cut = Some(self.length);
                return Ok(None);
            }
            let length = self.source.u16()?.saturating_sub(2);
            if offset + u64::from(length) > self.length {
                self.cut = Some(offset);
                return Ok(None);
            }
            if !matches!(marker, 0xE1..=0xEF | 0xFE) {
                self.source.skip(length.into())?;
                continue;
            }
            let data = self.source.bytes(length.into())?;
            if let Some(kind) = Kind::of(marker, &data) {
                return Ok(Some(Segment { kind, offset, data }));
            }
        }
        Ok(None)
    }

    /// Whether another picture begins here, behind zeros at most; goes past its SOI.
    fn at_next_picture(&mut self) -> Result<bool, ImageError> {
        let mut first = self.source.next()?;
        while first == Some(0) {
            first = self.source.next()?;
        }
        let head = [first, self.source.next()?, self.source.next()?];
        if head != [0xFF, 0xD8, 0xFF].map(Some) {
            return Ok(false);
        }
        let next_marker = self.source.position()? - 1;
        self.source.go_to(next_marker)?;
        Ok(true)
    }
}
