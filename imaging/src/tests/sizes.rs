//! The size rule, over renders of every shape.

use image::GenericImageView;
use proptest::prelude::*;

use super::pictures::{Exif, Jpeg, Png, chunk, with_chunk};
use super::*;
use crate::Dimensions;

/// A shape as it is stored: small, or long on one side.
fn shapes() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![
        (1_u32..300, 1_u32..300),
        (1_u32..12, 1_u32..4000),
        (1_u32..4000, 1_u32..12),
        Just((1, 1)),
        Just((1, 3000)),
        Just((3000, 1)),
    ]
}

fn heights() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![1_u32..=1000, 1_u32..30], 1..=10)
}

/// A picture of this shape, turned by Exif.
fn file(png: bool, (width, height): (u32, u32), orientation: u32, color_type: u8) -> Vec<u8> {
    let exif = Exif::orientation(orientation);
    if png {
        let file = Png::new(width, height, color_type, 8).encode();
        with_chunk(&file, b"IDAT", &chunk(b"eXIf", &exif.tiff()))
    } else if color_type == 0 {
        Jpeg::gray(width, height).exif(exif).encode()
    } else {
        Jpeg::photo(width, height).exif(exif).encode()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_thumbnail_decodes_to_exactly_the_size_of_the_rule(
        png: bool,
        stored in shapes(),
        heights in heights(),
        orientation in 1_u32..=8,
        color_type in prop::sample::select(&[0_u8, 2, 3, 4, 6][..]),
    ) {
        let thumbnails = thumbnails(&file(png, stored, orientation, color_type), &heights).unwrap();
        let (width, height) = if orientation > 4 { (stored.1, stored.0) } else { stored };
        prop_assert_eq!(thumbnails.len(), heights.len());
        for (thumbnail, asked) in thumbnails.iter().zip(heights) {
            let expected = Dimensions { width, height }.thumbnail(asked);
            prop_assert_eq!((thumbnail.height_asked, thumbnail.dimensions), (asked, expected));
            let shown = image::load_from_memory(&thumbnail.bytes).unwrap();
            prop_assert_eq!(shown.dimensions(), (expected.width, expected.height));
        }
    }
}
