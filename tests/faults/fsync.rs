//! A disk that says it could not keep what it was given.

use crate::{pictures::Jpeg, shim};

#[actix_web::test]
async fn what_could_not_be_synced_is_refused_and_nothing_of_it_is_stored() {
    let (tierpix, faults) = shim::installation().await;
    let service = tierpix.serve().await;
    tierpix.add_user("anna", "Premium").await;
    let photo = Jpeg::photo(320, 240).encode();
    let upload = async || service.upload("anna", "anna-password", photo.clone()).await;
    assert_eq!(upload().await.status, 201);
    let files = tierpix.files();
    faults.set_fsync_fails(true);
    for _ in 0..3 {
        let answer = upload().await;
        assert_eq!(answer.status, 507, "{answer:?}");
    }
    assert_eq!(tierpix.files(), files);
    let database = tierpix.connect().await;
    let images = "SELECT count(*) FROM images";
    let images: i64 = database.query_one(images, &[]).await.unwrap().get(0);
    assert_eq!(images, 1);
    faults.set_fsync_fails(false);
    assert_eq!(upload().await.status, 201);
    service.stop().await;
    tierpix.run("storage reconcile --verify").await.done();
}
