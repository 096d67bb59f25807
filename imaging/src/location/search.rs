//! Finding what tells of a place in metadata that are not Exif.

/// The names of properties that tell a place, as they begin: XMP's of Exif, of Photoshop, of IPTC, of drones, and the
/// keywords that converters make of Exif's tags.
const NAMES: [&[u8]; 10] = [
    b"gps",
    b"latitude",
    b"longitude",
    b"location",
    b"sublocation",
    b"city",
    b"state",
    b"provincestate",
    b"country",
    b"worldregion",
];

/// IPTC's datasets of a place (IIM 4.2, record 2): content location, city, sublocation, state, country.
const DATASETS: [u8; 7] = [26, 27, 90, 92, 95, 100, 101];

/// Bytes that the longest of them takes.
const LONGEST: usize = 16;

/// A search through bytes that come in pieces.
pub(super) struct Search {
    tells: fn(&[u8]) -> bool,
    /// The end of the piece before, which may hold the beginning of a name.
    window: Vec<u8>,
    found: bool,
}

impl Search {
    /// For properties' names.
    pub(super) fn names() -> Self {
        Self {
            tells: holds_name,
            // A text may begin with a name.
            window: b":".to_vec(),
            found: false,
        }
    }

    /// For IPTC's datasets, and names besides.
    pub(super) fn datasets() -> Self {
        Self {
            tells: |bytes| holds_dataset(bytes) || holds_name(bytes),
            ..Self::names()
        }
    }

    /// Takes in the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.window.extend_from_slice(bytes);
        self.found |= (self.tells)(&self.window);
        let passed = self.window.len().saturating_sub(LONGEST);
        self.window.drain(..passed);
    }

    /// Whether a place was told so far.
    pub(super) fn found(&self) -> bool {
        self.found
    }
}

/// A name begins behind a namespace's colon, an element's bracket or a quotation mark: pictures within XMP are Base64,
/// which has none of them.
fn holds_name(bytes: &[u8]) -> bool {
    let starts = |rest: &[u8]| {
        NAMES.iter().any(|name| {
            rest.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
    };
    bytes.iter().zip(1..).any(|(byte, next)| {
        matches!(byte, b':' | b'<' | b'"') && bytes.get(next..).is_some_and(starts)
    })
}

fn holds_dataset(bytes: &[u8]) -> bool {
    bytes.array_windows().any(|&[marker, record, dataset]| {
        marker == 0x1C && record == 2 && DATASETS.contains(&dataset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pieces: &[&[u8]]) -> bool {
        let mut search = Search::datasets();
        for piece in pieces {
            search.feed(piece);
        }
        search.found()
    }

    #[test]
    fn a_name_is_found_wherever_pieces_end() {
        let text = b"<rdf:Description exif:GPSLatitude='50,3.88N'/>";
        for at in 0..text.len() {
            assert!(finds(&[&text[..at], &text[at..]]), "{at}");
        }
    }

    #[test]
    fn a_dataset_is_found_wherever_pieces_end() {
        let city = b"8BIM\x04\x04\0\0\0\0\0\x0B\x1C\x02\x5A\0\x06Krakow";
        for at in 0..city.len() {
            assert!(finds(&[&city[..at], &city[at..]]), "{at}");
        }
    }

    #[test]
    fn names_of_every_vocabulary_are_found() {
        for text in [
            "drone-dji:GpsLongtitude",
            "<photoshop:City>",
            "Iptc4xmpExt:LocationShown",
            "Iptc4xmpCore:CountryCode",
            "{\"latitude\": 50}",
            "GPSLatitude",
            "exif:GPSLatitude",
        ] {
            assert!(finds(&[text.as_bytes()]), "{text}");
        }
    }

    #[test]
    fn what_tells_no_place_is_not_found() {
        for text in [
            "GDepth:Data='iVBORw0KGgpsLocationCity'",
            "crs:Opacity xmp:CreateDate='2024-01-01'",
            "made by gps free software",
        ] {
            assert!(!finds(&[text.as_bytes()]), "{text}");
        }
        assert!(!finds(&[b"\x1C\x02\x78\0\x03sun"]), "a caption");
    }
}
