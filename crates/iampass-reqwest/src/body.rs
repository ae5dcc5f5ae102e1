//! Reading an answer's body, and not more of it than is allowed.

use std::time::Duration;

use futures_util::stream;
use iampass_core::port::{BodyStream, MAX_ANSWER_BYTES, TransportError, TransportErrorKind};

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

/// The longest silence of a body that comes piece by piece. Its reader may wait for less.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// The body as it comes. It ends after its first error.
pub(crate) fn stream_body(answer: reqwest::Response) -> BodyStream {
    Box::pin(stream::unfold(Some(answer), |answer| async move {
        let mut answer = answer?;
        let error = match tokio::time::timeout(LONGEST_SILENCE, answer.chunk()).await {
            Ok(Ok(Some(piece))) if piece.len() <= MAX_ANSWER_BYTES => {
                return Some((Ok(piece.into()), Some(answer)));
            }
            Ok(Ok(Some(_))) => TransportError::new(TransportErrorKind::AnswerTooLarge),
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => failed(error),
            Err(_) => TransportError::new(TransportErrorKind::Timeout),
        };
        Some((Err(error), None))
    }))
}
