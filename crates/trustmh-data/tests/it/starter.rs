//! Every starter file that is there.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trustmh_core::item::ItemContent;
use trustmh_core::scorecard::ItemOrigin;
use trustmh_data::starter::Shelf;

#[test]
fn every_starter_set_is_sound() {
    let shelf = Shelf::embedded();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benchmark/starter");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sets = files.filter(|file| file.extension().is_some_and(|end| end == "jsonl")).count();
    assert!(sets > 0);
    assert_eq!(shelf.names().len(), sets, "each file of items has its card, and is built in");
    for name in shelf.names() {
        let card = shelf.card(name).unwrap_or_else(|error| panic!("{error}"));
        let dataset = shelf.read(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(card.id, name);
        assert_eq!(card.records, dataset.items.len() as u64, "{name}");
        assert_eq!(dataset.source.origin, ItemOrigin::Starter);
        let ids: BTreeSet<_> = dataset.items.iter().map(|item| &item.id).collect();
        assert_eq!(ids.len(), dataset.items.len(), "{name}");
        for item in &dataset.items {
            assert!(card.language.contains(&item.language), "{}", item.id);
            if let ItemContent::Dilemma(dilemma) = &item.content {
                let last = usize::from(dilemma.key as u8 - b'A');
                assert!(last < dilemma.options.len(), "{}", item.id);
            }
        }
    }
}

#[test]
fn other_names_are_refused_with_the_known_ones() {
    let message = Shelf::embedded().read("kindness").unwrap_err().to_string();
    assert!(message.contains("`kindness`"));
    assert!(Shelf::embedded().names().iter().all(|name| message.contains(name)));
}
