//! Many images in store, for the price of one.

use std::{fs, path::PathBuf};

use bytes::Bytes;

use crate::harness::{Installation, Service};

/// Uploads a picture as `anna` and copies that: its rows, and its files by further names for the same bytes. There are so many
/// of it then.
pub async fn upload_copies(
    tierpix: &Installation,
    service: &Service,
    picture: Bytes,
    images: usize,
) {
    let answer = service
        .upload("anna", "anna-password", picture.into())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id: uuid::Uuid = answer.json()["id"].as_str().unwrap().parse().unwrap();
    let database = tierpix.connect().await;
    // The media key is copied too, and with it the tags in the names of the files.
    let copy = "INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key)
                SELECT gen_random_uuid(), user_id, format, width, height, bytes, sha256, file_name, media_key
                FROM images, generate_series(2, $1) WHERE id = $2 RETURNING id";
    let images = i32::try_from(images).unwrap();
    let copies = database.query(copy, &[&images, &id]).await.unwrap();
    let copies: Vec<uuid::Uuid> = copies.iter().map(|row| row.get(0)).collect();
    database
        .execute(
            "INSERT INTO thumbnails (image_id, height, bytes, sha256)
             SELECT copy, t.height, t.bytes, t.sha256 FROM unnest($1::uuid[]) AS copy, thumbnails t
             WHERE t.image_id = $2",
            &[&copies, &id],
        )
        .await
        .unwrap();
    let id = id.as_simple().to_string();
    let is_its = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with(&id);
    let files: Vec<PathBuf> = tierpix.files().into_iter().filter(is_its).collect();
    for copy in copies {
        let id = copy.as_simple().to_string();
        let folder = tierpix.data_dir().join("objects").join(&id[29..]);
        fs::create_dir_all(&folder).unwrap();
        for file in &files {
            let name = file.file_name().unwrap().to_str().unwrap();
            fs::hard_link(file, folder.join(format!("{id}{}", &name[32..]))).unwrap();
        }
    }
}
