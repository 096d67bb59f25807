//! A machine that has no memory left.

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::{
    harness::{Installation, Service},
    pictures::{Jpeg, Png},
};

/// A picture that is whole in memory before it becomes small: interlaced, with alpha, 4 bytes a pixel.
const SIDE: u32 = 4000;

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
    let large = Png::new(SIDE, SIDE, 3, 1)
        .chunk(b"tRNS", &[128])
        .samples(|_, _, _| [0; 4])
        .interlaced()
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
