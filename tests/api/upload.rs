//! `POST /api/v1/images_upload/`.

use crate::{harness::TestService, pictures};

#[actix_web::test]
async fn an_enterprise_upload_gets_thumbnails_original_and_link() {
    let service = TestService::start().await;
    let anna = service.account("Enterprise").await;
    let photo = pictures::Jpeg::photo(400, 300).encode();
    let answer = anna.upload_with_link(photo.clone(), "300").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let link = service.get(&answer.link()).await;
    assert_eq!(link.body, photo);
}
