//! Full scale against another decoder.

use jpeg_encoder::{ColorType, SamplingFactor};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use super::{Kind, LUMA_SUBSAMPLED, REFINED, REFINED_ODDLY, decode};
use crate::jpeg::{ColorModel, Plane, Scale, read_header};

const SAMPLINGS: [SamplingFactor; 8] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
    SamplingFactor::F_4_1,
    SamplingFactor::F_4_2,
    SamplingFactor::F_1_4,
    SamplingFactor::F_2_4,
];

/// The same file's samples, interleaved, by zune-jpeg.
fn reference(file: &[u8], colors: ColorSpace) -> Vec<u8> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(colors);
    zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options)
        .decode()
        .unwrap()
}

fn samples(plane: &Plane) -> Vec<u8> {
    plane.rows().flatten().copied().collect()
}

#[track_caller]
fn assert_close(ours: &[u8], reference: &[u8]) {
    assert_eq!(ours.len(), reference.len());
    let furthest = ours
        .iter()
        .zip(reference)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(furthest <= Some(2), "a sample differs by {furthest:?}");
}

#[test]
fn luma_is_right_in_every_sampling_and_coding() {
    // Luma does not depend on them: a plain file is the reference for all.
    let plain = Kind {
        sampling: SamplingFactor::F_1_1,
        ..Kind::PLAIN
    };
    let reference = reference(&plain.encode(), ColorSpace::Luma);
    for sampling in SAMPLINGS {
        for (progressive, optimized, restart_interval) in [
            (false, false, 0),
            (false, true, 0),
            (true, true, 0),
            (false, false, 3),
            (true, false, 2),
        ] {
            let kind = Kind {
                sampling,
                progressive,
                optimized,
                restart_interval,
                ..Kind::PLAIN
            };
            let planes = decode(&kind.encode(), Scale::Full).unwrap();
            assert_close(&samples(&planes[0]), &reference);
        }
    }
}

#[test]
fn every_size_of_the_last_mcu_is_right() {
    for (width, height) in (1..=34).map(|n| (n, 35 - n)) {
        let file = Kind {
            width,
            height,
            ..Kind::PLAIN
        }
        .encode();
        let planes = decode(&file, Scale::Full).unwrap();
        assert_close(&samples(&planes[0]), &reference(&file, ColorSpace::Luma));
        assert_eq!(
            (planes[1].width, planes[1].height),
            (u32::from(width.div_ceil(2)), u32::from(height.div_ceil(2)))
        );
    }
}

#[test]
fn chroma_is_right() {
    for progressive in [false, true] {
        let file = Kind {
            sampling: SamplingFactor::F_1_1,
            progressive,
            ..Kind::PLAIN
        }
        .encode();
        let planes = decode(&file, Scale::Full).unwrap();
        let reference = reference(&file, ColorSpace::YCbCr);
        for (component, plane) in planes.iter().enumerate() {
            let reference: Vec<u8> = reference
                .iter()
                .skip(component)
                .step_by(3)
                .copied()
                .collect();
            assert_close(&samples(plane), &reference);
        }
    }
}

#[test]
fn subsampled_chroma_is_the_mean_of_full_chroma() {
    let mean = |plane: &Plane| {
        let samples = samples(plane);
        samples.iter().map(|&sample| f64::from(sample)).sum::<f64>() / samples.len() as f64
    };
    let chroma = |sampling| {
        let file = Kind {
            width: 64,
            height: 64,
            sampling,
            ..Kind::PLAIN
        }
        .encode();
        let planes = decode(&file, Scale::Full).unwrap();
        [mean(&planes[1]), mean(&planes[2])]
    };
    let full = chroma(SamplingFactor::F_1_1);
    for sampling in SAMPLINGS {
        for (part, whole) in chroma(sampling).into_iter().zip(full) {
            assert!(
                (part - whole).abs() < 1.0,
                "{part} for {whole} in {sampling:?}"
            );
        }
    }
}

#[test]
fn one_and_four_components_are_right() {
    for (color, model, space) in [
        (ColorType::Luma, ColorModel::Gray, ColorSpace::Luma),
        (ColorType::Cmyk, ColorModel::Cmyk, ColorSpace::CMYK),
    ] {
        for progressive in [false, true] {
            let file = Kind {
                color,
                sampling: SamplingFactor::F_1_1,
                progressive,
                ..Kind::PLAIN
            }
            .encode();
            assert_eq!(read_header(&file[..]).unwrap().color, model);
            let planes = decode(&file, Scale::Full).unwrap();
            let reference = reference(&file, space);
            for (component, plane) in planes.iter().enumerate() {
                let reference: Vec<u8> = reference
                    .iter()
                    .skip(component)
                    .step_by(planes.len())
                    .copied()
                    .collect();
                assert_close(&samples(plane), &reference);
            }
        }
    }
}

#[test]
fn successive_approximation_is_right() {
    for file in [REFINED, REFINED_ODDLY] {
        let planes = decode(file, Scale::Full).unwrap();
        assert_close(&samples(&planes[0]), &reference(file, ColorSpace::Luma));
    }
}

#[test]
fn luma_may_have_fewer_samples_than_chroma() {
    let header = read_header(LUMA_SUBSAMPLED).unwrap();
    let planes = decode(LUMA_SUBSAMPLED, Scale::Full).unwrap();
    assert_eq!(
        (planes[0].width, planes[0].height),
        (header.width.div_ceil(2), header.height)
    );
    assert_eq!(
        (planes[1].width, planes[1].height),
        (header.width, header.height)
    );
}
