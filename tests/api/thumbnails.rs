//! The thumbnails of an upload: their size, their format, what they show and what they do not tell.

use image::{ColorType, DynamicImage};

use crate::{
    harness::{Account, Answer, TestService},
    pictures::{Exif, Jpeg, PRIVATE, Png, chunk},
};

/// A service whose tiers have these heights.
async fn service(heights: &str) -> (TestService, Account) {
    let service = TestService::start().await;
    service
        .execute(&format!(
            "UPDATE tiers SET thumbnail_heights = '{{{heights}}}'"
        ))
        .await;
    let anna = service.account("Premium").await;
    (service, anna)
}

/// Uploads a picture and opens its thumbnail of this height.
async fn thumbnail_answer(file: Vec<u8>, height: u32) -> Answer {
    let (service, anna) = service(&height.to_string()).await;
    let answer = anna.upload(file).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    service.get(&answer.url_of(&format!("{height}px"))).await
}

async fn thumbnail(file: Vec<u8>, height: u32) -> DynamicImage {
    image::load_from_memory(&thumbnail_answer(file, height).await.body).unwrap()
}

/// Whether each channel is about the same.
fn is_near(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) < 24)
}

fn rgb(picture: &DynamicImage, x: u32, y: u32) -> [u8; 3] {
    picture.to_rgb8().get_pixel(x, y).0
}

#[actix_web::test]
async fn the_height_is_exact_and_the_width_is_rounded_with_halves_up() {
    const HEIGHTS: [u32; 4] = [1, 7, 50, 120];
    let (service, anna) = service("1, 7, 50, 120").await;
    let random = (0..8).map(|_| (rand::random_range(1..400), rand::random_range(1..300)));
    let edges = [
        (1, 3000),
        (3000, 1),
        (5, 1000),
        (25, 100),
        (1, 1),
        (160, 120),
        (161, 121),
    ];
    for (width, height) in edges.into_iter().chain(random) {
        let answer = anna.upload(Png::new(width, height, 0, 8).encode()).await;
        assert_eq!(answer.status, 201, "{width}x{height}: {answer:?}");
        for (index, wanted) in HEIGHTS.into_iter().enumerate() {
            let expected = if height <= wanted {
                (width, height)
            } else {
                (
                    ((2 * width * wanted + height) / (2 * height)).max(1),
                    wanted,
                )
            };
            let told = &answer.json()["images"][index];
            let told = (
                told["width"].as_u64().unwrap(),
                told["height"].as_u64().unwrap(),
            );
            assert_eq!(
                told,
                (expected.0.into(), expected.1.into()),
                "{width}x{height} at {wanted}"
            );
            let file = service.get(&answer.url_of(&format!("{wanted}px"))).await;
            let picture = image::load_from_memory(&file.body).unwrap();
            let size = (picture.width(), picture.height());
            assert_eq!(size, expected, "{width}x{height} at {wanted}");
        }
    }
}

#[actix_web::test]
async fn a_jpeg_follows_the_same_rule() {
    for (width, height, expected) in [(400, 300, (67, 50)), (1, 300, (1, 50)), (40, 30, (40, 30))] {
        let picture = thumbnail(Jpeg::photo(width, height).encode(), 50).await;
        assert_eq!((picture.width(), picture.height()), expected);
    }
}

#[actix_web::test]
async fn every_orientation_is_shown_upright() {
    const RED: [u8; 3] = [220, 30, 30];
    const GREEN: [u8; 3] = [30, 200, 30];
    const BLUE: [u8; 3] = [30, 30, 220];
    const GRAY: [u8; 3] = [128, 128, 128];
    // As stored: red, green above blue, gray; each with some texture.
    let pixels = (0..80_u32 * 60).flat_map(|pixel| {
        let color = match (pixel % 80 < 40, pixel / 80 < 30) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => GRAY,
        };
        color.map(|sample| sample - 6 + (pixel * 31 % 13) as u8)
    });
    let pixels: Vec<u8> = pixels.collect();
    let (service, anna) = service("40").await;
    for (orientation, corners) in [
        (1, [RED, GREEN, BLUE, GRAY]),
        (2, [GREEN, RED, GRAY, BLUE]),
        (3, [GRAY, BLUE, GREEN, RED]),
        (4, [BLUE, GRAY, RED, GREEN]),
        (5, [RED, BLUE, GREEN, GRAY]),
        (6, [BLUE, RED, GRAY, GREEN]),
        (7, [GRAY, GREEN, BLUE, RED]),
        (8, [GREEN, GRAY, RED, BLUE]),
    ] {
        let jpeg = Jpeg::of_pixels(80, 60, pixels.clone(), jpeg_encoder::ColorType::Rgb);
        let answer = anna.upload(jpeg.orientation(orientation).encode()).await;
        let original = answer.json()["images"][1].clone();
        let seen = if orientation < 5 { (80, 60) } else { (60, 80) };
        assert_eq!(
            (&original["width"], &original["height"]),
            (&seen.0.into(), &seen.1.into())
        );
        let file = service.get(&answer.url_of("40px")).await;
        let picture = image::load_from_memory(&file.body).unwrap();
        let (right, bottom) = (picture.width() - 6, picture.height() - 6);
        let shown = [(5, 5), (right, 5), (5, bottom), (right, bottom)];
        for ((x, y), corner) in shown.into_iter().zip(corners) {
            let color = rgb(&picture, x, y);
            assert!(
                is_near(color, corner),
                "{orientation}: {color:?} at {x}, {y}, not {corner:?}"
            );
        }
    }
}

#[actix_web::test]
async fn a_thumbnail_is_of_the_originals_format() {
    for (file, content_type, signature) in [
        (Jpeg::photo(90, 60).encode(), "image/jpeg", b"\xFF\xD8\xFF"),
        (Png::new(90, 60, 2, 8).encode(), "image/png", b"\x89PN"),
    ] {
        let answer = thumbnail_answer(file, 20).await;
        assert_eq!(answer.header("content-type"), content_type);
        assert!(answer.body.starts_with(signature));
    }
}

#[actix_web::test]
async fn a_png_keeps_its_alpha() {
    let half = Png::new(80, 60, 6, 8).samples(|x, _, _| match x < 40 {
        true => [0, 0, 0, 0],
        false => [255, 0, 0, 255],
    });
    let picture = thumbnail(half.encode(), 30).await.to_rgba8();
    assert_eq!(picture.get_pixel(5, 15).0[3], 0);
    assert_eq!(picture.get_pixel(35, 15).0, [255, 0, 0, 255]);
}

#[actix_web::test]
async fn a_transparent_colour_of_a_palette_stays_transparent() {
    let half = Png::new(80, 60, 3, 1).samples(|x, _, _| [u16::from(x >= 40), 0, 0, 0]);
    let picture = thumbnail(half.chunk(b"tRNS", &[0]).encode(), 30)
        .await
        .to_rgba8();
    assert_eq!(picture.get_pixel(5, 15).0[3], 0);
    assert_eq!(picture.get_pixel(35, 15).0[3], 255);
}

#[actix_web::test]
async fn sixteen_bits_become_eight() {
    for color_type in [0, 2, 4, 6] {
        let picture = thumbnail(Png::new(80, 60, color_type, 16).encode(), 30).await;
        let bytes = picture.color().bytes_per_pixel() / picture.color().channel_count();
        assert_eq!(bytes, 1, "{:?}", picture.color());
    }
}

#[actix_web::test]
async fn every_kind_of_png_is_taken() {
    let (service, anna) = service("30").await;
    for (color_type, depths) in [
        (0, [1, 2, 4, 8].as_slice()),
        (2, &[8]),
        (3, &[1, 2, 4, 8]),
        (4, &[8]),
        (6, &[8]),
    ] {
        for &depth in depths {
            let png = Png::new(80, 60, color_type, depth);
            for file in [png.encode(), png.interlaced().encode()] {
                let answer = anna.upload(file).await;
                let file = service.get(&answer.url_of("30px")).await;
                let picture = image::load_from_memory(&file.body).unwrap();
                assert_eq!(
                    (picture.width(), picture.height()),
                    (40, 30),
                    "{color_type}, {depth}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn four_inks_become_red_green_and_blue() {
    let expected = thumbnail(Jpeg::photo(120, 80).quality(95).encode(), 20).await;
    for ycck in [false, true] {
        let picture = thumbnail(Jpeg::cmyk(120, 80, ycck).quality(95).encode(), 20).await;
        assert_eq!(picture.color(), ColorType::Rgb8);
        for (x, y) in [(5, 5), (15, 10), (25, 15)] {
            let (shown, right) = (rgb(&picture, x, y), rgb(&expected, x, y));
            assert!(
                is_near(shown, right),
                "{shown:?}, not {right:?}, at {x}, {y}"
            );
        }
    }
}

#[actix_web::test]
async fn gray_and_progressive_pictures_are_taken() {
    for jpeg in [
        Jpeg::gray(120, 80),
        Jpeg::photo(120, 80).progressive(),
        Jpeg::photo(120, 80).restart_interval(3),
    ] {
        let picture = thumbnail(jpeg.encode(), 20).await;
        assert_eq!((picture.width(), picture.height()), (30, 20));
    }
}

#[actix_web::test]
async fn an_animation_gives_its_default_image() {
    let frame = [0_u32, 80, 60, 0, 0].map(u32::to_be_bytes).concat();
    let frame = [frame, vec![0, 1, 0, 10, 0, 0]].concat();
    let animated = Png::new(80, 60, 2, 8)
        .chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])
        .chunk(b"fcTL", &frame);
    let answer = thumbnail_answer(animated.encode(), 30).await;
    let plain = thumbnail_answer(Png::new(80, 60, 2, 8).encode(), 30).await;
    assert_eq!(answer.body, plain.body);
}

#[actix_web::test]
async fn no_metadata_survives_in_a_thumbnail() {
    let jpeg = Jpeg::photo(120, 80)
        .exif(Exif::orientation(1))
        .metadata()
        .encode();
    let jpeg = crate::pictures::insert_segment(&jpeg, 0xFE, PRIVATE);
    let png = Png::new(120, 80, 2, 8)
        .chunk(b"eXIf", &Exif::orientation(1).tiff())
        .chunk(b"tEXt", &[b"Comment\0", PRIVATE].concat())
        .chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", PRIVATE].concat());
    let png = [
        png.encode(),
        chunk(b"tEXt", &[b"Comment\0", PRIVATE].concat()),
    ]
    .concat();
    // Rendered, and only as high as it is already.
    for (file, height) in [(jpeg.clone(), 20), (jpeg, 80), (png.clone(), 20), (png, 80)] {
        assert!(contains(&file, PRIVATE));
        let body = thumbnail_answer(file, height).await.body;
        for trace in [
            PRIVATE,
            b"Exif\0",
            b"http://ns.adobe.com",
            b"Photoshop",
            b"tEXt",
            b"iTXt",
            b"eXIf",
        ] {
            assert!(
                !contains(&body, trace),
                "{}",
                String::from_utf8_lossy(trace)
            );
        }
    }
}

fn contains(bytes: &[u8], trace: &[u8]) -> bool {
    bytes.windows(trace.len()).any(|window| window == trace)
}
