//! Signs and checks the links that expire.
//!
//! A link's query is `id=…&purpose=…&expires=…&key=…&signature=…`. The signature is an HMAC-SHA256 (RFC 2104)
//! over all the other four, written in fields of fixed length or with their length in front, so that no byte
//! can move from one field to the next.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::link::{KeyId, LinkClaims, LinkId},
    secret::SecretKey,
};

/// The keys of which links are taken; the newest signs.
#[derive(Clone, Default)]
pub struct KeyRing {
    keys: BTreeMap<KeyId, [u8; 32]>,
}

impl KeyRing {
    /// Derives the keys from the service's secret and what is stored of each.
    pub fn derive<'a>(
        secret: &SecretKey,
        stored: impl IntoIterator<Item = (KeyId, &'a [u8])>,
    ) -> Self {
        let keys = stored
            .into_iter()
            .map(|(id, salt)| (id, secret.derive("link signing key", salt)))
            .collect();
        Self { keys }
    }

    /// The key that signs now.
    pub fn newest(&self) -> Option<KeyId> {
        self.keys.last_key_value().map(|(&id, _)| id)
    }

    /// The query of a link that makes these claims; `None` if their key is not on the ring.
    pub fn sign(&self, claims: &LinkClaims) -> Option<String> {
        let signature = self.signature(claims)?;
        Some(format!(
            "id={}&purpose={}&expires={}&key={}&signature={}",
            claims.id.0.as_simple(),
            claims.purpose,
            claims.expires_at.unix_timestamp(),
            claims.key.0,
            BASE64_URL_SAFE_NO_PAD.encode(signature),
        ))
    }

    /// The claims of a link's query, if they were signed by a key of the ring. Whether the link has expired
    /// is not looked at.
    ///
    /// The order of the parameters is no matter, nor are others among them; one of ours missing, given twice
    /// or spelled in another way than [`KeyRing::sign`] does is refused.
    pub fn verify(&self, query: &str) -> Option<LinkClaims> {
        let mut parameters = Parameters::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.put(name, value)?;
        }
        let claims = parameters.claims()?;
        let signature: [u8; 32] = BASE64_URL_SAFE_NO_PAD
            .decode(parameters.signature?)
            .ok()?
            .try_into()
            .ok()?;
        let genuine: bool = self.signature(&claims)?.ct_eq(&signature).into();
        genuine.then_some(claims)
    }

    fn signature(&self, claims: &LinkClaims) -> Option<[u8; 32]> {
        let key = self.keys.get(&claims.key)?;
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
        let purpose = claims.purpose.as_str().as_bytes();
        mac.update(b"tierpix link 1\0");
        mac.update(claims.id.0.as_bytes());
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose);
        mac.update(&claims.expires_at.unix_timestamp().to_be_bytes());
        mac.update(&claims.key.0.to_be_bytes());
        Some(mac.finalize().into_bytes().into())
    }
}

/// The raw values of a link's parameters.
#[derive(Default)]
struct Parameters<'a> {
    id: Option<&'a str>,
    purpose: Option<&'a str>,
    expires: Option<&'a str>,
    key: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    /// `None` if one of ours comes a second time.
    fn put(&mut self, name: &str, value: &'a str) -> Option<()> {
        let field = match name {
            "id" => &mut self.id,
            "purpose" => &mut self.purpose,
            "expires" => &mut self.expires,
            "key" => &mut self.key,
            "signature" => &mut self.signature,
            _ => return Some(()),
        };
        field.replace(value).is_none().then_some(())
    }

    fn claims(&self) -> Option<LinkClaims> {
        let id = Uuid::try_parse(self.id?).ok()?;
        let expires: i64 = self.expires?.parse().ok()?;
        let claims = LinkClaims {
            id: LinkId(id),
            purpose: self.purpose?.parse().ok()?,
            expires_at: OffsetDateTime::from_unix_timestamp(expires).ok()?,
            key: KeyId(self.key?.parse().ok()?),
        };
        // Only the one spelling that was signed: no `+300`, no `0300`, no upper-case id.
        let spelled = id.as_simple().to_string() == self.id?
            && expires.to_string() == self.expires?
            && claims.key.0.to_string() == self.key?;
        spelled.then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::link::Purpose;

    fn ring() -> KeyRing {
        let secret = SecretKey::from_text("a secret of thirty-two characters").unwrap();
        KeyRing::derive(&secret, [(KeyId(1), &b"one"[..]), (KeyId(2), &b"two"[..])])
    }

    fn claims() -> LinkClaims {
        LinkClaims {
            id: LinkId(Uuid::from_u128(0x1234_5678)),
            purpose: Purpose::OpenImage,
            expires_at: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
            key: KeyId(2),
        }
    }

    #[test]
    fn a_signed_link_gives_its_claims_back() {
        let query = ring().sign(&claims()).unwrap();
        assert_eq!(ring().verify(&query), Some(claims()));
    }

    #[test]
    fn the_order_of_parameters_and_foreign_ones_do_not_matter() {
        let query = ring().sign(&claims()).unwrap();
        let mut parameters: Vec<&str> = query.split('&').collect();
        parameters.reverse();
        let query = format!("utm_source=mail&{}&fbclid", parameters.join("&"));
        assert_eq!(ring().verify(&query), Some(claims()));
    }

    #[test]
    fn a_parameter_left_out_or_repeated_is_refused() {
        let query = ring().sign(&claims()).unwrap();
        let parameters: Vec<&str> = query.split('&').collect();
        for index in 0..parameters.len() {
            let mut fewer = parameters.clone();
            let one = fewer.remove(index);
            assert_eq!(ring().verify(&fewer.join("&")), None, "without {one}");
            assert_eq!(
                ring().verify(&format!("{query}&{one}")),
                None,
                "{one} twice"
            );
        }
    }

    #[test]
    fn every_other_spelling_of_the_signature_is_refused() {
        let query = ring().sign(&claims()).unwrap();
        let (head, signature) = query.rsplit_once('=').unwrap();
        // 256 bits take 43 characters, of which the last holds 2 bits that mean nothing.
        let last = signature.chars().last().unwrap();
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            if other != last {
                let changed = format!("{head}={}{other}", &signature[..42]);
                assert_eq!(ring().verify(&changed), None, "{other}");
            }
        }
        assert_eq!(ring().verify(&format!("{query}=")), None);
        assert_eq!(
            ring().verify(&format!(
                "{head}=%{:x}{}",
                signature.as_bytes()[0],
                &signature[1..]
            )),
            None
        );
    }

    #[test]
    fn a_key_that_is_no_longer_on_the_ring_signs_and_opens_nothing() {
        let query = ring().sign(&claims()).unwrap();
        let secret = SecretKey::from_text("a secret of thirty-two characters").unwrap();
        let rotated = KeyRing::derive(&secret, [(KeyId(1), &b"one"[..])]);
        assert_eq!(rotated.verify(&query), None);
        assert_eq!(rotated.sign(&claims()), None);
    }

    proptest! {
        #[test]
        fn any_changed_character_is_refused(index in 0_usize..140, other in "[ -~]") {
            let query = ring().sign(&claims()).unwrap();
            prop_assume!(index < query.len() && query[index..=index] != other);
            let changed = format!("{}{other}{}", &query[..index], &query[index + 1..]);
            prop_assert_ne!(ring().verify(&changed), Some(claims()));
        }

        #[test]
        fn other_claims_never_share_a_signature(
            id: u128, seconds in 0_i64..100_000_000_000, key in 1_i32..3,
        ) {
            let other = LinkClaims {
                id: LinkId(Uuid::from_u128(id)),
                expires_at: OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
                key: KeyId(key),
                ..claims()
            };
            prop_assume!(other != claims());
            prop_assert_ne!(ring().signature(&other), ring().signature(&claims()));
        }

        #[test]
        fn no_text_whatever_is_more_than_refused(query in ".*") {
            prop_assert_eq!(ring().verify(&query), None);
        }
    }
}
