//! Render threads that all have work.

use std::pin::pin;

use futures_util::future::{Either, join_all, select};

use crate::{
    harness::{Answer, Installation},
    pictures::Jpeg,
};

/// Pictures that wait for the only thread.
const UPLOADS: usize = 12;

#[actix_web::test]
async fn while_every_render_thread_is_busy_others_are_served() {
    // Before there is a connection, which would be closed while nobody attends to it.
    let large = Jpeg::photo(3000, 2400).progressive().encode();
    let tierpix = Installation::new().with("TIERPIX_THUMBNAIL_THREADS", "1");
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Premium").await;
    let photo = Jpeg::photo(320, 240).encode();
    let kept = service.upload("anna", "anna-password", photo).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let uploads = (0..UPLOADS).map(|_| service.upload("anna", "anna-password", large.clone()));
    let others = async {
        for _ in 0..3 {
            for path in [&kept.url_of("200px"), &kept.url_of("original"), "/readyz"] {
                let answer = service.get(path).await;
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            let me = service
                .request("GET", "/api/v1/me/")
                .basic_auth("anna", Some("anna-password"));
            assert_eq!(Answer::of(me).await.status, 200);
        }
    };
    let (uploads, others) = (pin!(join_all(uploads)), pin!(others));
    let Either::Right(((), uploads)) = select(uploads, others).await else {
        panic!("the uploads ended first");
    };
    for answer in uploads.await {
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}
