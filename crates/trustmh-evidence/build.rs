//! Has the crate built anew when a framework comes or goes; the embedding alone would miss that.

fn main() {
    println!("cargo::rerun-if-changed=../../benchmark/frameworks");
}
