//! Smaller scales against full scale.

use std::ops::ControlFlow;

use jpeg_encoder::{ColorType, SamplingFactor};

use super::{Kind, REFINED, REFINED_ODDLY, decode};
use crate::jpeg::{Decoder, JpegError, Plane, Scale, decode_memory, read_header};

/// Mean squared error between a small plane and the means of the full plane's squares that its
/// samples stand for.
fn distance_to_means(small: &Plane, full: &Plane, side: usize) -> f64 {
    let (columns, rows) = (full.width as usize / side, full.height as usize / side);
    let mut sum = 0.0;
    for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
        let square = (0..side * side)
            .map(|n| full.data[(y * side + n / side) * full.stride + x * side + n % side]);
        let mean = square.map(f64::from).sum::<f64>() / (side * side) as f64;
        sum += (mean - f64::from(small.data[y * small.stride + x])).powi(2);
    }
    sum / (columns * rows) as f64
}

#[test]
fn an_eighth_is_the_mean_of_each_block() {
    for progressive in [false, true] {
        let kind = Kind {
            progressive,
            sampling: SamplingFactor::F_1_1,
            ..Kind::PLAIN
        };
        let file = kind.encode();
        let (small, full) = (
            decode(&file, Scale::Eighth).unwrap(),
            decode(&file, Scale::Full).unwrap(),
        );
        for (small, full) in small.iter().zip(&full) {
            // Full samples are limited to 0..=255 before the mean is taken; the small ones after.
            assert!(distance_to_means(small, full, 8) < 1.0);
        }
    }
}

#[test]
fn every_scale_looks_like_the_picture() {
    let encoded = [
        Kind::PLAIN.encode(),
        Kind {
            progressive: true,
            ..Kind::PLAIN
        }
        .encode(),
        Kind {
            color: ColorType::Luma,
            restart_interval: 1,
            ..Kind::PLAIN
        }
        .encode(),
    ];
    for file in encoded
        .iter()
        .map(Vec::as_slice)
        .chain([REFINED, REFINED_ODDLY])
    {
        let full = decode(file, Scale::Full).unwrap();
        for (scale, side) in [(Scale::Quarter, 4), (Scale::Half, 2)] {
            for (small, full) in decode(file, scale).unwrap().iter().zip(&full) {
                // An ideal low-pass is sharper than a mean, so they differ a little where there is
                // detail.
                let distance = distance_to_means(small, full, side);
                assert!(distance < 150.0, "{distance} at {scale:?}");
            }
        }
    }
}

#[test]
fn sequential_and_progressive_coding_of_one_picture_give_the_same_samples() {
    for scale in Scale::ALL {
        let [sequential, progressive] = [false, true].map(|progressive| {
            let kind = Kind {
                progressive,
                optimized: true,
                ..Kind::PLAIN
            };
            decode(&kind.encode(), scale).unwrap()
        });
        for (one, other) in sequential.iter().zip(&progressive) {
            assert!(one.rows().eq(other.rows()));
        }
    }
}

#[test]
fn sizes_are_rounded_up_and_extents_are_exact() {
    let file = Kind {
        width: 75,
        height: 50,
        ..Kind::PLAIN
    }
    .encode();
    let planes = decode(&file, Scale::Quarter).unwrap();
    assert_eq!(
        (planes[0].width, planes[0].height, planes[0].extent),
        (19, 13, (18.75, 12.5))
    );
    assert_eq!(
        (planes[1].width, planes[1].height, planes[1].extent),
        (10, 7, (9.375, 6.25))
    );
}

#[test]
fn memory_covers_the_planes_and_grows_with_the_scale() {
    for progressive in [false, true] {
        let kind = Kind {
            width: 700,
            height: 500,
            progressive,
            ..Kind::PLAIN
        };
        let file = kind.encode();
        let header = read_header(&file[..]).unwrap();
        let mut before = 0;
        for scale in Scale::ALL {
            let planes = decode(&file, scale).unwrap();
            let bytes: usize = planes.iter().map(|plane| plane.data.len()).sum();
            assert!(decode_memory(&header, scale) > before + bytes as u64);
            before = bytes as u64;
        }
    }
}

#[test]
fn a_checkpoint_stops_decoding() {
    for progressive in [false, true] {
        let kind = Kind {
            progressive,
            ..Kind::PLAIN
        };
        let file = kind.encode();
        let mut rows_left = 2;
        let mut checkpoint = || {
            rows_left -= 1;
            if rows_left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let outcome = Decoder::new(&file[..])
            .unwrap()
            .decode(Scale::Full, &mut checkpoint);
        assert!(matches!(outcome, Err(JpegError::Stopped)));
    }
}
