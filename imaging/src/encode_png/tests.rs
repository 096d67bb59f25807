//! What is packed is what comes out, whichever way is chosen.

use super::*;
use crate::Dimensions;
use crate::raster::Layout;
use crate::tests::pictures::photo;
use crate::tests::viewer::show;

const LAYOUTS: [Layout; 4] = [Layout::Gray, Layout::GrayAlpha, Layout::Rgb, Layout::Rgba];

/// A pixel's red, green, blue and alpha, by its column and row.
type Drawing = fn(u32, u32) -> [u8; 4];

/// Even surfaces, lines, slopes and what has more than 256 colours, opaque and with transparent parts.
const DRAWINGS: [(&str, Drawing); 6] = [
    ("one colour", |_, _| [7, 7, 7, 255]),
    ("stripes", |x, y| {
        if (x / 9 + y / 5) % 2 == 0 {
            [200, 30, 9, 255]
        } else {
            [255; 4]
        }
    }),
    ("text", |x, y| {
        // Letters of 8 by 12 pixels with soft edges, each line in a colour of its own.
        let (line, letter) = (y / 12, (x / 8 * 7 + y / 12 * 5) % 23);
        let shape = (x % 8 + 3) * (y % 12 + 5) * (letter + 11) % 37;
        if y % 12 > 8 || x % 8 > 5 || shape > 20 {
            return [255; 4];
        }
        let ink = shape as u8 * 11;
        [ink, (ink / 2).wrapping_add((line * 7) as u8), ink, 255]
    }),
    ("a slope", |x, y| {
        [x as u8, (x + y) as u8, (y / 2) as u8, 255]
    }),
    ("a slope in gray", |x, y| {
        [(x + y) as u8, (x + y) as u8, (x + y) as u8, 255]
    }),
    ("a soft edge", |x, y| {
        [(x * 3) as u8, 9, y as u8, (x + y).min(255) as u8]
    }),
];

fn raster(width: u32, height: u32, layout: Layout, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Raster {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let samples = places.flat_map(|(x, y)| {
        let [red, green, blue, alpha] = pixel(x, y);
        match layout {
            Layout::Gray => vec![green],
            Layout::GrayAlpha => vec![green, alpha],
            Layout::Rgb => vec![red, green, blue],
            _ => vec![red, green, blue, alpha],
        }
    });
    Raster {
        size: Dimensions { width, height },
        layout,
        samples: samples.collect(),
    }
}

/// What is to be seen of a raster, as RGBA; of transparent pixels nothing.
fn seen(raster: &Raster) -> Vec<[u8; 4]> {
    let pixels = raster.samples.chunks(raster.layout.channels());
    let rgba = pixels.map(|pixel| match *pixel {
        [gray] => [gray, gray, gray, 255],
        [gray, alpha] => [gray, gray, gray, alpha],
        [red, green, blue] => [red, green, blue, 255],
        _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
    });
    rgba.map(|pixel| if pixel[3] == 0 { [0; 4] } else { pixel })
        .collect()
}

fn assert_is_kept(raster: &Raster, name: &str) {
    let file = encode_png(raster).unwrap();
    let shown = show(&file);
    let size = (shown.width, shown.height);
    assert_eq!(size, (raster.size.width, raster.size.height), "{name}");
    assert!(
        shown.pixels == seen(raster),
        "{name}, {:?}, {size:?}",
        raster.layout
    );
}

#[test]
fn every_pixel_of_a_drawing_is_kept() {
    for (name, drawing) in DRAWINGS {
        for layout in LAYOUTS {
            for (width, height) in [(1, 1), (3, 2), (1, 300), (300, 1), (37, 63), (320, 200)] {
                assert_is_kept(&raster(width, height, layout, drawing), name);
            }
        }
    }
}

#[test]
fn every_pixel_of_a_photo_is_kept() {
    let (width, height) = (160, 120);
    let samples = photo(width, height);
    let pixel = |x: u32, y: u32| {
        let at = ((y * width + x) * 3) as usize;
        [
            samples[at],
            samples[at + 1],
            samples[at + 2],
            (x * 255 / width) as u8,
        ]
    };
    for layout in LAYOUTS {
        assert_is_kept(&raster(width, height, layout, pixel), "a photo");
    }
}

#[test]
fn a_photo_and_a_drawing_are_each_packed_the_shorter_way() {
    let (width, height) = (320, 240);
    let size = Dimensions { width, height };
    let photo = Raster {
        size,
        layout: Layout::Rgb,
        samples: photo(width, height),
    };
    let text = raster(width, height, Layout::Rgb, DRAWINGS[2].1);
    for (raster, differences_are_shorter) in [(photo, true), (text, false)] {
        let packed = Form::of(&raster).pack(&raster);
        let as_pixels = deflate::pixels(&packed.rows, packed.stride).len();
        let filtered = filter::filter(&packed.rows, packed.stride, 3);
        let as_differences = deflate::differences(&filtered).len();
        assert_eq!(as_differences < as_pixels, differences_are_shorter);
        assert_eq!(
            compress(&packed).unwrap().len(),
            as_pixels.min(as_differences)
        );
    }
}
