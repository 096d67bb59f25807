//! An answer of the service, read to its end.

use bytes::Bytes;
use serde_json::Value;

/// Status, headers and body.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Sends the request.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        Self::if_any(request).await.unwrap()
    }

    /// Sends the request; fails where the connection breaks.
    pub async fn if_any(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        Self::read_if_any(request.send().await?).await
    }

    /// Reads an answer that has begun.
    pub async fn read(response: reqwest::Response) -> Self {
        Self::read_if_any(response).await.unwrap()
    }

    async fn read_if_any(response: reqwest::Response) -> reqwest::Result<Self> {
        Ok(Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?,
        })
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A header's values, one a line.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The status and the body as JSON.
    pub fn outcome(&self) -> (u16, Value) {
        (self.status, self.json())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The URL of one size in an upload's or an image's answer, such as `200px`.
    pub fn url_of(&self, size: &str) -> String {
        let json = self.json();
        let images = json["images"].as_array().unwrap();
        let one = images.iter().find(|one| one["size"] == size);
        one.unwrap_or_else(|| panic!("no {size} in {json}"))["image"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The names of the sizes in an upload's or an image's answer, in their order.
    pub fn sizes(&self) -> Vec<String> {
        let json = self.json();
        let images = json["images"].as_array().unwrap();
        images
            .iter()
            .map(|one| one["size"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The expiring link in an upload's answer.
    pub fn link(&self) -> String {
        self.json()["link"]["expiring_link"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
