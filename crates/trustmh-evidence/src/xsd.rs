//! Whether an XML document holds to a schema, for the part of XML Schema 1.0 that Applied Model Cards are written in: elements in
//! sequences, with counts, of texts or of further sequences. A schema that uses more is refused, so that nothing passes unchecked.

use roxmltree::{Document, Node};
use std::collections::HashMap;

use crate::error::EvidenceError;

const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// Types nested deeper than this are no card's.
const DEEPEST: usize = 32;

/// What of `document` does not hold to the schema `xsd`; empty if all of it does. `file` names the schema in errors.
///
/// # Errors
/// [`EvidenceError::Schema`] for a schema that is none, or uses what is not understood here.
pub fn faults(file: &str, xsd: &str, document: &str) -> Result<Vec<String>, EvidenceError> {
    let refused = |message: String| EvidenceError::Schema { path: file.to_owned(), message };
    let parsed = Document::parse(xsd).map_err(|error| refused(format!("no XML: {error}")))?;
    let root = parsed.root_element();
    if !is(root, "schema") {
        return Err(refused("this is no XML schema".to_owned()));
    }
    let mut types = HashMap::new();
    for one in children(root).filter(|one| is(*one, "complexType")) {
        types.insert(one.attribute("name").unwrap_or_default(), one);
    }
    let check = Check { types, space: root.attribute("targetNamespace") };
    let read = match Document::parse(document) {
        Ok(read) => read,
        Err(error) => return Ok(vec![format!("no XML: {error}")]),
    };
    let found = read.root_element();
    let name = found.tag_name().name();
    let top = children(root).find(|one| is(*one, "element") && one.attribute("name") == Some(name));
    let Some(top) = top else {
        return Ok(vec![format!("the schema has no element {name} at the top")]);
    };
    let mut faults = Vec::new();
    check.element(found, top, &mut faults, DEEPEST).map_err(refused)?;
    Ok(faults)
}

struct Check<'x> {
    types: HashMap<&'x str, Node<'x, 'x>>,
    space: Option<&'x str>,
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().namespace() == Some(XS) && node.tag_name().name() == name
}

fn children<'a, 'x: 'a>(node: Node<'a, 'x>) -> impl Iterator<Item = Node<'a, 'x>> {
    node.children().filter(Node::is_element)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// How often something may stand: at least, and at most if there is a most.
fn counts(node: Node<'_, '_>) -> Result<(usize, Option<usize>), String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no count"));
    let least = node.attribute("minOccurs").map_or(Ok(1), number)?;
    let most = match node.attribute("maxOccurs") {
        None => Some(1),
        Some("unbounded") => None,
        Some(text) => Some(number(text)?),
    };
    Ok((least, most))
}

impl Check<'_> {
    /// An element against its declaration.
    fn element(
        &self,
        found: Node<'_, '_>,
        declared: Node<'_, '_>,
        faults: &mut Vec<String>,
        depth: usize,
    ) -> Result<(), String> {
        let name = found.tag_name().name();
        if depth == 0 {
            return Err("types are nested too deeply".to_owned());
        }
        if found.tag_name().namespace() != self.space {
            faults.push(format!("{name}: is not in the schema's namespace"));
        }
        if let Some(attribute) = found.attributes().next() {
            faults.push(format!("{name}: has an attribute {}", attribute.name()));
        }
        let own = children(declared).find(|one| is(*one, "complexType"));
        let named = declared.attribute("type");
        let kind = match (own, named) {
            (Some(own), _) => own,
            (None, None | Some("xs:string" | "xsd:string")) => {
                if let Some(inner) = children(found).next() {
                    faults.push(format!("{name}: holds an element {}", inner.tag_name().name()));
                }
                return Ok(());
            }
            (None, Some(named)) => match self.types.get(local(named)) {
                Some(kind) => *kind,
                None => return Err(format!("the type {named} is not known here")),
            },
        };
        let Some(sequence) = children(kind).find(|one| is(*one, "sequence")) else {
            return Err(format!("the type of {name} is no sequence"));
        };
        if let Some(other) = children(kind).find(|one| !is(*one, "sequence")) {
            return Err(format!("`{}` is not understood here", other.tag_name().name()));
        }
        let loose = found.children().filter(Node::is_text).filter_map(|text| text.text());
        if loose.into_iter().any(|text| !text.trim().is_empty()) {
            faults.push(format!("{name}: holds text between its elements"));
        }
        let inner: Vec<Node<'_, '_>> = children(found).collect();
        let taken = self.repeated(&inner, sequence, name, faults, depth - 1)?;
        if let Some(left) = inner.get(taken) {
            let left = left.tag_name().name();
            faults.push(format!("{name}: {left} is not expected where it stands"));
        }
        Ok(())
    }

    /// As many of the elements as a sequence takes, as often as it may stand.
    fn repeated(
        &self,
        found: &[Node<'_, '_>],
        sequence: Node<'_, '_>,
        within: &str,
        faults: &mut Vec<String>,
        depth: usize,
    ) -> Result<usize, String> {
        let (least, most) = counts(sequence)?;
        let (mut taken, mut rounds) = (0, 0);
        while most.is_none_or(|most| rounds < most) {
            let rest = found.get(taken..).unwrap_or_default();
            if rest.is_empty() && rounds >= least {
                break;
            }
            let more = self.once(rest, sequence, within, faults, depth)?;
            rounds += 1;
            taken += more;
            if more == 0 {
                break;
            }
        }
        Ok(taken)
    }

    fn once(
        &self,
        found: &[Node<'_, '_>],
        sequence: Node<'_, '_>,
        within: &str,
        faults: &mut Vec<String>,
        depth: usize,
    ) -> Result<usize, String> {
        let mut taken = 0;
        for declared in children(sequence) {
            let name = declared.attribute("name").or_else(|| declared.attribute("ref").map(local));
            let (true, Some(name)) = (is(declared, "element"), name) else {
                return Err(format!("`{}` is not understood here", declared.tag_name().name()));
            };
            let (least, most) = counts(declared)?;
            let mut seen = 0;
            while let Some(one) = found.get(taken).filter(|one| one.tag_name().name() == name) {
                if most.is_some_and(|most| seen >= most) {
                    break;
                }
                if declared.attribute("ref").is_some() {
                    return Err(format!("{name} is another schema's, and is not checked here"));
                }
                self.element(*one, declared, faults, depth)?;
                (seen, taken) = (seen + 1, taken + 1);
            }
            if seen < least {
                faults.push(format!("{within}: {name} is missing"));
            }
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:m="urn:m" targetNamespace="urn:m">
      <xs:element name="card"><xs:complexType><xs:sequence>
        <xs:element name="title" type="xs:string"/>
        <xs:element name="words" type="m:Words"/>
        <xs:element name="note" type="xs:string" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:complexType name="Words"><xs:sequence minOccurs="0" maxOccurs="unbounded">
        <xs:element name="word" type="xs:string"/>
      </xs:sequence></xs:complexType>
    </xs:schema>"#;

    fn of(body: &str) -> Vec<String> {
        faults("s.xsd", SCHEMA, &format!("<card xmlns=\"urn:m\">{body}</card>")).unwrap()
    }

    #[test]
    fn order_counts_and_kinds_are_held() {
        let none: [&str; 0] = [];
        assert_eq!(of("<title>x</title><words/>"), none);
        assert_eq!(of("<title/><words><word>a</word><word>b</word></words><note/>"), none);
        assert_eq!(of("<words/>"), ["card: title is missing"]);
        assert_eq!(of("<title/>"), ["card: words is missing"]);
        assert_eq!(
            of("<title/><words/><note/><note/>"),
            ["card: note is not expected where it stands"]
        );
        assert_eq!(of("<title><b/></title><words/>"), ["title: holds an element b"]);
        assert_eq!(
            of("<title/><words><x/></words>"),
            ["words: word is missing", "words: x is not expected where it stands"]
        );
        assert_eq!(
            of("<title a=\"1\"/><words>x</words>"),
            ["title: has an attribute a", "words: holds text between its elements"]
        );
        assert_eq!(
            faults("s", SCHEMA, "<card><title xmlns=\"urn:m\"/><words xmlns=\"urn:m\"/></card>")
                .unwrap(),
            ["card: is not in the schema's namespace"]
        );
        assert_eq!(
            faults("s", SCHEMA, "<other/>").unwrap(),
            ["the schema has no element other at the top"]
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let choice =
            SCHEMA.replace("<xs:element name=\"word\" type=\"xs:string\"/>", "<xs:choice/>");
        let told =
            faults("s.xsd", &choice, "<card xmlns=\"urn:m\"><title/><words><word/></words></card>");
        assert_eq!(told.unwrap_err().to_string(), "s.xsd: `choice` is not understood here");
        assert!(faults("s.xsd", "<a/>", "<b/>").is_err());
    }
}
