//! XML, written by hand: elements in order, texts escaped.

use trustmh_core::inert::inert;

/// An XML document that grows.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// An empty document.
    pub(crate) fn new() -> Self {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        Self { text, open: Vec::new() }
    }

    /// Opens an element, with a default namespace where one is given.
    pub(crate) fn open(&mut self, name: &'static str, namespace: Option<&str>) {
        let space = namespace.map_or_else(String::new, |to| format!(" xmlns=\"{}\"", escaped(to)));
        self.begin();
        self.text.push_str(&format!("<{name}{space}>\n"));
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.begin();
            self.text.push_str(&format!("</{name}>\n"));
        }
    }

    /// An element that holds a text.
    pub(crate) fn leaf(&mut self, name: &'static str, text: &str) {
        self.begin();
        self.text.push_str(&format!("<{name}>{}</{name}>\n", escaped(text)));
    }

    /// The document.
    pub(crate) fn end(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn begin(&mut self) {
        self.text.push_str(&"  ".repeat(self.open.len()));
    }
}

/// Text in which nothing is markup. What XML 1.0 does not allow at all is among what [`inert`] shows as escapes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in inert(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut xml = Xml::new();
        xml.open("a", Some("urn:x"));
        xml.leaf("b", "1 < 2 & \"]]>\" \u{0}\u{b} <b>");
        let text = xml.end();
        let read = roxmltree::Document::parse(&text).unwrap();
        let leaf = read.root_element().first_element_child().unwrap();
        assert_eq!(leaf.text().unwrap(), "1 < 2 & \"]]>\" \\u{0}\\u{b} <b>");
        assert_eq!(leaf.tag_name().namespace(), Some("urn:x"));
    }
}
