//! What the IAM adapters share.

use aws_sdk_iam::types::Tag;
use emr_resource::Tags;

use super::wire::unbuilt;
use crate::CloudError;

/// Tags as IAM takes them.
pub(super) fn to_tags(tags: &Tags, operation: &'static str) -> Result<Vec<Tag>, CloudError> {
    let built = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    built
        .collect::<Result<_, _>>()
        .map_err(|error| unbuilt(operation, &error))
}

/// Tags as IAM gives them.
pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

/// A policy as IAM gives it: percent-encoded (RFC 3986).
pub(super) fn decoded(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match (first, after) {
            (b'%', [high, low, after @ ..]) => digit(*high)
                .zip(digit(*low))
                .and_then(|(high, low)| Some((u8::try_from(high * 16 + low).ok()?, after))),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn policies_are_decoded_and_what_is_plain_stays() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22b%2a%22%7D"), "{\"a\": \"b*\"}");
        for plain in ["{\"a\": 1}", "100%", "%zz", "%2", ""] {
            assert_eq!(decoded(plain), plain);
        }
    }
}
