//! A machine that has no memory left.

use jpeg_encoder::SamplingFactor;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::{
    harness::{Installation, Service, eventually},
    pictures::{Jpeg, Png},
};

/// A picture that is whole in memory, as it is no higher than its thumbnails: with alpha, 4 bytes a pixel.
const SIZE: (u32, u32) = (40_000, 200);

/// What is left: enough for everything but that.
const LEFT: u64 = 32 << 20;

/// How much the process may have, its libraries and the stacks of its threads included.
fn allow(service: &Service, bytes: Option<u64>) {
    let process = Pid::from_raw(i32::try_from(service.id()).unwrap());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(process, Resource::As, limit).unwrap();
}

#[actix_web::test]
async fn a_render_for_which_the_machine_has_no_memory_harms_nobody_else() {
    let large = Png::new(SIZE.0, SIZE.1, 3, 1)
        .chunk(b"tRNS", &[128])
        .samples(|_, _, _| [0; 4])
        .encode();
    let photo = Jpeg::photo(320, 240).encode();
    let tierpix = Installation::new().with("TIERPIX_RENDER_MEMORY", "1000000000");
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Premium").await;
    let upload = async |picture: &[u8]| {
        service
            .upload("anna", "anna-password", picture.to_vec())
            .await
    };
    // Starts the threads that it takes.
    let kept = upload(&photo).await;
    assert_eq!(kept.status, 201, "{kept:?}");

    allow(&service, Some(service.address_space() + LEFT));
    let refused = upload(&large).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!refused.header("retry-after").is_empty());
    let other = upload(&photo).await;
    assert_eq!(other.status, 201, "{other:?}");
    for url in [kept.url_of("200px"), other.url_of("original")] {
        assert_eq!(service.get(&url).await.status, 200);
    }

    allow(&service, None);
    let later = upload(&large).await;
    assert_eq!(later.status, 201, "{later:?}");
}

/// What a process may keep of a flood.
const KEPT: u64 = 40 << 20;

/// Pictures of which each takes another kind of memory.
fn flood() -> Vec<Vec<u8>> {
    let large = |jpeg: Jpeg| jpeg.sampling(SamplingFactor::F_1_1).encode();
    vec![
        large(Jpeg::photo(3000, 2000).progressive()),
        large(Jpeg::cmyk(2400, 1600, false)),
        large(Jpeg::photo(1500, 1000)),
        Png::new(12_000, 190, 6, 8).encode(),
        Png::new(2000, 1500, 2, 16).interlaced().encode(),
        Png::new(1600, 1200, 6, 8).encode(),
        Jpeg::photo(640, 480).encode(),
    ]
}

#[actix_web::test]
async fn a_flood_of_varied_pictures_is_given_back() {
    let tierpix = Installation::new();
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Enterprise").await;
    let pictures = flood();
    let upload = async |picture: &[u8]| {
        service
            .upload("anna", "anna-password", picture.to_vec())
            .await
    };
    // Starts the threads that it takes.
    assert_eq!(upload(&pictures[6]).await.status, 201);
    let idle = service.resident();
    for round in 0..3 {
        let turned = pictures.iter().cycle().skip(round).take(pictures.len());
        let answers = futures_util::future::join_all(turned.map(|picture| upload(picture))).await;
        for answer in answers {
            assert!(matches!(answer.status, 201 | 503), "{answer:?}");
        }
    }
    eventually("the memory is given back", async || {
        service.resident() <= idle + KEPT
    })
    .await;
}
