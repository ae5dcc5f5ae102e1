//! The files for the diesel CLI are the default schema, a folder for each version of the tables. After a change of the tables, which is a
//! new version, `IAMPASS_WRITE_MIGRATIONS=1 cargo test -p iampass-diesel --test migration_files` writes its folder. Files of a version that
//! is there never change: a database that has run them would miss it.

use std::collections::BTreeSet;
use std::path::Path;

use iampass_diesel::{Dialect, Schema, Version};

const FOLDERS: [(Version, &str); Version::ALL.len()] = [
    (Version::Tables, "2026-11-24-000000_iampass"),
    (Version::SharedEntries, "2026-11-28-000000_iampass_shared"),
];

fn script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

#[test]
fn the_files_are_the_default_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let schema = Schema::default();
    for dialect in Dialect::ALL {
        let folder = folder.join(dialect.to_string());
        for (version, name) in FOLDERS {
            let folder = folder.join(name);
            for (file, statements) in
                [("up.sql", schema.up_to(version, dialect)), ("down.sql", schema.down_from(version, dialect))]
            {
                let (path, wanted) = (folder.join(file), script(&statements));
                if std::env::var_os("IAMPASS_WRITE_MIGRATIONS").is_some() && !path.exists() {
                    std::fs::create_dir_all(&folder).unwrap();
                    std::fs::write(&path, &wanted).unwrap();
                }
                let found = std::fs::read_to_string(&path).unwrap();
                assert_eq!(found, wanted, "{}", path.display());
            }
        }
        let folders: BTreeSet<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(folders, FOLDERS.iter().map(|(_, name)| (*name).into()).collect());
    }
}
