//! The parameters behind a page's `?`: what a view of a list is made of, so that its URL can be shared.

use std::fmt;

use actix_web::HttpRequest;

use crate::domain::fields::Fields;

/// Parameters in their order, without empty ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// A request's own.
    pub fn of(request: &HttpRequest) -> Self {
        // What is no list of parameters is none.
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
        Self(
            pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// The last value of this name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// With this value in the place of all others of the name; an empty one is left out.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut params = self.without(name);
        if !value.is_empty() {
            params.0.push((name.to_owned(), value.to_owned()));
        }
        params
    }

    /// Without the values of this name.
    pub fn without(&self, name: &str) -> Self {
        let others = self.0.iter().filter(|(key, _)| key != name);
        Self(others.cloned().collect())
    }

    /// The parameters by their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As a form's fields, for the parsers of the domain.
    pub fn fields(&self) -> Fields {
        let pairs = self.0.iter().cloned();
        pairs.map(|(name, value)| (name, value.into())).collect()
    }
}

/// `?a=b&c=d`, or nothing.
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let encoded = serde_urlencoded::to_string(&self.0).map_err(|_| fmt::Error)?;
        write!(f, "?{encoded}")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn params(uri: &str) -> Params {
        Params::of(&TestRequest::with_uri(uri).to_http_request())
    }

    #[test]
    fn a_view_is_in_its_url() {
        let view = params("/admin/users/?q=anna+b%26c&tier=&order=-name");
        assert_eq!(view.get("q"), "anna b&c");
        assert_eq!(view.to_string(), "?q=anna+b%26c&order=-name");
        assert_eq!(
            view.with("order", "name").to_string(),
            "?q=anna+b%26c&order=name"
        );
        assert_eq!(view.without("q").without("order").to_string(), "");
    }
}
