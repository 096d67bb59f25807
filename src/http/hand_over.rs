//! Lets a proxy in front send a file itself: see `TIERPIX_SENDFILE_HEADER`.

use std::path;

use actix_web::http::{
    Method,
    header::{HeaderName, HeaderValue, IF_MATCH, IF_RANGE},
};

use super::{client, picture_request::PictureRequest};
use crate::{
    config::SendfileHeader,
    domain::media::ObjectName,
    service::Service,
    storage::{StorageUrl, key_of},
};

/// The header that tells the proxy which file to send in the place of this answer's body, which counts for whatever part of
/// it was asked for. `None` if the file is to be sent from here.
pub fn header(
    request: &PictureRequest<'_>,
    service: &Service,
    name: &ObjectName,
) -> Option<(HeaderName, HeaderValue)> {
    let header = service.http.sendfile_header?;
    // Proxies compare these with an ETag of their own.
    let compares = |name| request.headers().contains_key(name);
    if request.method() != Method::GET || compares(IF_MATCH) || compares(IF_RANGE) {
        return None;
    }
    // Anybody else would get nothing.
    if !client::comes_from_proxy(request.head(), &service.http) {
        return None;
    }
    let StorageUrl::Folder(folder) = service.storage.url() else {
        return None;
    };
    let key = key_of(name);
    let place = match header {
        SendfileHeader::XAccelRedirect => format!("{LOCATION}{key}").into_bytes(),
        SendfileHeader::XSendfile => {
            let path = path::absolute(folder.join(key)).ok()?;
            path.into_os_string().into_encoded_bytes()
        }
    };
    let place = HeaderValue::from_bytes(&place).ok()?;
    Some((header.name(), place))
}

/// Where a proxy has the folder of the pictures, for nobody but us.
const LOCATION: &str = "/tierpix-objects/";
