//! The example against the real service, with a virtual phone.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use iampass_system_tests::walked_through;

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let said = walked_through(Path::new(env!("CARGO_BIN_EXE_getting-started-sea-orm")), folder.path()).await;
    assert!(said.contains("Logged in"), "{said}");
    assert!(folder.path().join("getting-started.db").exists());
}
