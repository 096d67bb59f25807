//! `POST /api/v1/images_upload/`: what is refused, in which words, and that it leaves nothing behind.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, TestService, image_form},
    pictures::{Jpeg, Png, chunks, without_chunk},
};

const UPLOAD: &str = "/api/v1/images_upload/";
const DAMAGED: &str =
    "Upload a valid image. The file you uploaded was either not an image or a corrupted image.";
const OTHER_FORMAT: &str = "Invalid image format. Only JPG and PNG are allowed";
const NO_FILE: &str = "No file was submitted.";

fn png() -> Vec<u8> {
    Png::new(30, 20, 2, 8).encode()
}

/// What an account of this tier gets for each form, and that nothing is stored.
async fn assert_refused(tier: &str, forms: impl IntoIterator<Item = Form>, expected: (u16, Value)) {
    let service = TestService::start().await;
    let anna = service.account(tier).await;
    for (index, form) in forms.into_iter().enumerate() {
        let answer = anna.upload_form(form).await;
        assert_eq!(answer.outcome(), expected, "form {index}");
        service.assert_nothing_stored().await;
    }
}

/// That each of these files is refused with this sentence.
async fn assert_image_refused(files: impl IntoIterator<Item = Vec<u8>>, sentence: &str) {
    let forms = files.into_iter().map(image_form);
    assert_refused("Enterprise", forms, (400, json!({ "image": [sentence] }))).await;
}

#[actix_web::test]
async fn a_form_without_an_image() {
    let unnamed = Form::new().part("image", Part::bytes(Vec::new()).file_name(""));
    let forms = [Form::new().text("title", "x"), unnamed];
    assert_refused("Basic", forms, (400, json!({ "image": [NO_FILE] }))).await;
}

#[actix_web::test]
async fn an_image_that_is_a_text_field() {
    let sentence = "The submitted data was not a file. Check the encoding type on the form.";
    let forms = [
        Form::new().text("image", "text"),
        Form::new().text("image", ""),
    ];
    assert_refused("Basic", forms, (400, json!({ "image": [sentence] }))).await;
}

#[actix_web::test]
async fn an_empty_file() {
    assert_image_refused([Vec::new()], "The submitted file is empty.").await;
}

#[actix_web::test]
async fn every_other_format() {
    let files: [&[u8]; 6] = [
        b"\0\0\x01\0\x01\0",
        b"plain text",
        b"BMW is a maker of cars",
        b"\xFF\xD8",
        b"\x89PNG\r\n\x1a",
        b"x",
    ];
    assert_image_refused(files.map(<[u8]>::to_vec), OTHER_FORMAT).await;
}

#[actix_web::test]
async fn a_usual_format_is_named() {
    let heic = "The file is a HEIC picture. An iPhone takes JPEG photos after Settings > Camera > Formats > Most \
        Compatible; on other phones, switch HEIF or high efficiency pictures off in the camera's settings.";
    let files: [(&[u8], &str); 9] = [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", heic),
        (
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
            "The file is an AVIF picture.",
        ),
        (
            b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0",
            "The file is a WebP picture.",
        ),
        (b"GIF89a\x01\0\x01\0\x80\0\0", "The file is a GIF picture."),
        (b"II*\0\x08\0\0\0\0\0", "The file is a TIFF picture."),
        (b"MM\0*\0\0\0\x08", "The file is a TIFF picture."),
        (
            b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0",
            "The file is a BMP picture.",
        ),
        (
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "The file is an SVG picture.",
        ),
        (b"%PDF-1.7", "The file is a PDF document."),
    ];
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for (file, sentence) in files {
        let answer = anna.upload(file.to_vec()).await;
        let refused = json!({ "image": [OTHER_FORMAT, sentence] });
        assert_eq!(answer.outcome(), (400, refused));
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_signature_and_nothing_or_nonsense_behind_it() {
    let files: [&[u8]; 4] = [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\nnonsense",
        b"\xFF\xD8\xFF",
        b"\xFF\xD8\xFF\xE0nonsense",
    ];
    assert_image_refused(files.map(<[u8]>::to_vec), DAMAGED).await;
}

#[actix_web::test]
async fn a_jpeg_that_is_cut_anywhere() {
    let photo = Jpeg::photo(120, 80).encode();
    let scan = photo
        .windows(2)
        .position(|two| two == [0xFF, 0xDA])
        .unwrap();
    let lengths = [
        20,
        scan - 1,
        scan + 1,
        scan + 14,
        (scan + photo.len()) / 2,
        photo.len() - 40,
    ];
    assert_image_refused(lengths.map(|length| photo[..length].to_vec()), DAMAGED).await;
}

#[actix_web::test]
async fn a_progressive_jpeg_that_is_cut_in_a_scan() {
    let photo = Jpeg::photo(120, 80).progressive().encode();
    let lengths = [photo.len() / 3, photo.len() / 2, photo.len() - 40];
    assert_image_refused(lengths.map(|length| photo[..length].to_vec()), DAMAGED).await;
}

#[actix_web::test]
async fn a_png_that_is_cut_anywhere() {
    let png = png();
    let data = chunks(&png)
        .into_iter()
        .find(|(name, _)| name == b"IDAT")
        .unwrap()
        .1;
    let lengths = [
        8,
        20,
        33,
        data.start + 4,
        data.start + 12,
        data.end,
        data.end + 12,
    ];
    assert_image_refused(lengths.map(|length| png[..length].to_vec()), DAMAGED).await;
}

#[actix_web::test]
async fn a_png_with_wrong_checksums_or_without_pixels() {
    let (mut header, mut pixels) = (png(), png());
    header[30] ^= 1;
    let data = chunks(&pixels)
        .into_iter()
        .find(|(name, _)| name == b"IDAT")
        .unwrap()
        .1;
    // The last byte of the data: the chunk's checksum is wrong then, and so is that of the samples.
    pixels[data.end - 5] ^= 1;
    assert_image_refused([header, pixels, without_chunk(&png(), b"IDAT")], DAMAGED).await;
}

#[actix_web::test]
async fn a_lifetime_that_is_out_of_range() {
    let forms = ["299", "300001", "0", "-300", "99999999999999999999"]
        .map(|text| image_form(png()).text("expiring_time_seconds", text));
    let sentence = "You can only specify time between 300 and 300000 seconds";
    let expected = (400, json!({ "expiring_time_seconds": [sentence] }));
    assert_refused("Enterprise", forms, expected).await;
}

#[actix_web::test]
async fn a_lifetime_that_is_no_integer() {
    let texts = [
        "abc",
        "300.5",
        "3e2",
        "0x12c",
        "300 400",
        "３００",
        "\0",
        "true",
    ];
    let mut forms =
        Vec::from(texts.map(|text| image_form(png()).text("expiring_time_seconds", text)));
    let huge = "3".repeat(100) + &"x".repeat(100_000);
    forms.push(image_form(png()).text("expiring_time_seconds", huge));
    forms.push(image_form(png()).part("expiring_time_seconds", Part::bytes(vec![0xFF, 0x33])));
    let expected = (
        400,
        json!({ "expiring_time_seconds": ["A valid integer is required."] }),
    );
    assert_refused("Enterprise", forms, expected).await;
}

#[actix_web::test]
async fn both_fields_are_told_at_once() {
    let form = image_form("text").text("expiring_time_seconds", "abc");
    let none = Form::new().text("expiring_time_seconds", "1");
    let both = json!({ "image": [OTHER_FORMAT], "expiring_time_seconds": ["A valid integer is required."] });
    assert_refused("Enterprise", [form], (400, both)).await;
    let sentence = "You can only specify time between 300 and 300000 seconds";
    let both = json!({ "image": [NO_FILE], "expiring_time_seconds": [sentence] });
    assert_refused("Enterprise", [none], (400, both)).await;
}

#[actix_web::test]
async fn a_link_that_the_tier_does_not_have() {
    let sentence = "Your account permissions does not allow you to create expiring links";
    for tier in ["Basic", "Premium"] {
        let form = image_form(png()).text("expiring_time_seconds", "300");
        assert_refused(
            tier,
            [form],
            (400, json!({ "non_field_errors": [sentence] })),
        )
        .await;
    }
}

#[actix_web::test]
async fn a_wrong_lifetime_is_told_before_that_the_tier_has_no_links() {
    let form = image_form(png()).text("expiring_time_seconds", "299");
    let sentence = "You can only specify time between 300 and 300000 seconds";
    let expected = (400, json!({ "expiring_time_seconds": [sentence] }));
    assert_refused("Basic", [form], expected).await;
}

#[actix_web::test]
async fn a_damaged_picture_with_a_wrong_lifetime_tells_of_both() {
    let photo = Jpeg::photo(120, 80).encode();
    let form = image_form(&photo[..100]).text("expiring_time_seconds", "abc");
    let both =
        json!({ "image": [DAMAGED], "expiring_time_seconds": ["A valid integer is required."] });
    assert_refused("Enterprise", [form], (400, both)).await;
}

#[actix_web::test]
async fn an_account_without_a_tier() {
    let service = TestService::start().await;
    let answer = service.account("").await.upload(png()).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &json!("no_account_tier"))
    );
    assert!(answer.json()["detail"].is_string());
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn a_picture_over_the_pixel_limit_from_its_header_alone() {
    let service = TestService::start_with(&["--max-pixels", "600"]).await;
    let anna = service.account("Basic").await;
    assert_eq!(anna.upload(png()).await.status, 201);
    let large = Png::new(30, 21, 2, 8).encode();
    // Without its pixels it would be damaged, were they looked at.
    for file in [
        large.clone(),
        large[..60].to_vec(),
        Jpeg::photo(31, 20).encode(),
    ] {
        let answer = anna.upload(file).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, body["image"].as_array().map(Vec::len)),
            (400, Some(1))
        );
        assert!(body["image"][0].as_str().unwrap().contains("600"), "{body}");
    }
    assert_eq!(service.files().len(), 2);
}

#[actix_web::test]
async fn a_body_that_is_not_multipart() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    for content_type in [
        "application/json",
        "application/x-www-form-urlencoded",
        "image/png",
        "multipart/mixed",
    ] {
        let request = anna
            .request("POST", UPLOAD)
            .header("content-type", content_type);
        let answer = Answer::of(request.body("{}")).await;
        let expected = json!({
            "detail": format!("Unsupported media type \"{content_type}\" in request."),
            "code": "unsupported_media_type",
        });
        assert_eq!(answer.outcome(), (415, expected));
    }
    service.assert_nothing_stored().await;
}

#[actix_web::test]
async fn multipart_that_is_broken() {
    let service = TestService::start().await;
    let anna = service.account("Basic").await;
    let part = "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
    let picture = png();
    let whole = [part.as_bytes(), &picture, b"\r\n--b--\r\n"].concat();
    let bodies: [(&str, &[u8]); 7] = [
        ("multipart/form-data", &whole),
        ("multipart/form-data; boundary=", &whole),
        ("multipart/form-data; boundary=another", &whole),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", &whole[..30]),
        (
            "multipart/form-data; boundary=b",
            &whole[..whole.len() - 20],
        ),
        ("multipart/form-data; boundary=b", &whole[..whole.len() - 4]),
    ];
    for (content_type, body) in bodies {
        let request = anna
            .request("POST", UPLOAD)
            .header("content-type", content_type);
        let answer = Answer::of(request.body(body.to_vec())).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("parse_error")),
            "{shown}"
        );
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.starts_with("Multipart form parse error - "),
            "{detail}"
        );
        service.assert_nothing_stored().await;
    }
}
