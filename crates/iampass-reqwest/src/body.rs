//! Reading an answer's body, and not more of it than is allowed.

use iampass_core::port::{MAX_ANSWER_BYTES, TransportError, TransportErrorKind};

use crate::transport::failed;

/// The whole body, or an error as soon as it is known to be too large.
pub(crate) async fn read_body(answer: &mut reqwest::Response) -> Result<Vec<u8>, TransportError> {
    let too_large = || TransportError::new(TransportErrorKind::AnswerTooLarge);
    let announced = answer.content_length().map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
    if announced > MAX_ANSWER_BYTES {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
