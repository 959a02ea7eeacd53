//! Has the crate built anew when a starter file comes or goes; the embedding alone would miss that.

fn main() {
    println!("cargo::rerun-if-changed=../../benchmark/starter");
}
