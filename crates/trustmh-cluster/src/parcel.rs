//! Payloads: in the message if they fit, else in the object store.

use async_nats::HeaderMap;
use async_nats::jetstream::object_store::ObjectStore;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt;

use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::names::{OBJECT_HEADER, PAYLOADS};

/// The most that is read of an object: far more than any call takes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A payload on its way.
pub(crate) struct Parcel {
    pub(crate) payload: Bytes,
    /// The object in which the payload is, if it fits no message.
    pub(crate) object: Option<String>,
}

impl Parcel {
    /// Packs `value`; what is too large for a message is put into the object `name`.
    pub(crate) async fn pack<T: Serialize>(
        link: &Link,
        name: &str,
        value: &T,
    ) -> Result<Self, ClusterError> {
        let bytes = serde_json::to_vec(value).map_err(|error| ClusterError::Malformed {
            what: format!("the payload {name}"),
            cause: error.to_string(),
        })?;
        if bytes.len() <= link.inline_limit() {
            return Ok(Self { payload: bytes.into(), object: None });
        }
        let put = store(link).await?.put(name, &mut bytes.as_slice()).await;
        put.map_err(|error| ClusterError::refused("storing a large payload", causes(&error)))?;
        Ok(Self { payload: Bytes::new(), object: Some(name.to_owned()) })
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(object) = &self.object {
            headers.insert(OBJECT_HEADER, object.as_str());
        }
        headers
    }
}

/// The object in which a message's payload is, if it is in none itself.
pub(crate) fn object_of(headers: Option<&HeaderMap>) -> Option<String> {
    Some(headers?.get(OBJECT_HEADER)?.as_str().to_owned())
}

/// Reads a message.
pub(crate) async fn unpack<T: DeserializeOwned>(
    link: &Link,
    headers: Option<&HeaderMap>,
    payload: &[u8],
) -> Result<T, ClusterError> {
    let malformed =
        |what: &str, cause: String| ClusterError::Malformed { what: what.to_owned(), cause };
    let parsed = |bytes: &[u8]| {
        serde_json::from_slice(bytes).map_err(|error| malformed("a message", error.to_string()))
    };
    let Some(name) = object_of(headers) else { return parsed(payload) };
    let object = store(link).await?.get(&name).await;
    let object =
        object.map_err(|error| malformed(&format!("the object {name}"), causes(&error)))?;
    let mut bytes = Vec::new();
    let read = object.take(LONGEST).read_to_end(&mut bytes).await;
    read.map_err(|error| malformed(&format!("the object {name}"), error.to_string()))?;
    parsed(&bytes)
}

/// Takes an object away; one that is gone already, or that cannot be reached, goes with its age.
pub(crate) async fn discard(link: &Link, name: &str) {
    if let Ok(store) = store(link).await {
        let _ = store.delete(name).await;
    }
}

async fn store(link: &Link) -> Result<ObjectStore, ClusterError> {
    let store = link.context.get_object_store(PAYLOADS).await;
    store.map_err(|error| ClusterError::refused("opening the store of payloads", causes(&error)))
}
