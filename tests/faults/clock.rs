//! A wall clock that jumps.

use futures_util::{StreamExt, stream};
use reqwest::{
    Body,
    multipart::{Form, Part},
};
use tokio::sync::oneshot;

use crate::{
    harness::{Answer, eventually, names_in},
    pictures::Jpeg,
    shim,
};

/// Longer than any link in these tests lives.
const HOUR: i64 = 3600;

#[actix_web::test]
async fn links_follow_the_wall_clock_and_uploads_under_way_do_not() {
    let (tierpix, faults) = shim::installation().await;
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Enterprise").await;
    let photo = Jpeg::photo(320, 240).encode();
    let form = |photo: Vec<u8>| {
        let part = Part::bytes(photo).file_name("a.jpg");
        Form::new()
            .part("image", part)
            .text("expiring_time_seconds", "300")
    };
    let answer = service
        .upload_form("anna", "anna-password", form(photo.clone()))
        .await;
    let link = answer.link();
    assert_eq!(service.get(&link).await.status, 200);

    let (rest, pieces) = oneshot::channel::<Vec<u8>>();
    let (first, second) = photo.split_at(photo.len() / 2);
    let first = stream::iter([Ok::<_, std::io::Error>(first.to_vec())]);
    let last = stream::once(async { Ok(pieces.await.unwrap_or_default()) });
    let body = Body::wrap_stream(first.chain(last));
    let request = service
        .request("POST", "/api/v1/images_upload/")
        .basic_auth("anna", Some("anna-password"))
        .multipart(Form::new().part("image", Part::stream(body).file_name("b.jpg")));
    let under_way = actix_web::rt::spawn(Answer::of(request));
    let spool = tierpix.data_dir().join("spool");
    eventually("the upload streams", async || !names_in(&spool).is_empty()).await;

    for (ahead, status) in [(HOUR, 404), (0, 200), (-HOUR, 200), (0, 200)] {
        faults.set_clock_ahead(ahead);
        let answer = service.get(&link).await;
        assert_eq!(answer.status, status, "{ahead} s ahead: {answer:?}");
        let another = service.upload("anna", "anna-password", photo.clone()).await;
        assert_eq!(another.status, 201, "{ahead} s ahead: {another:?}");
    }

    rest.send(second.to_vec()).unwrap();
    let answer = under_way.await.unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    service.stop().await;
}
