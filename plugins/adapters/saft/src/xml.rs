//! The file as a walk over its elements: each is opened, and closed with the text that it held.

use crate::source::Source;
use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event};
use recoup_sdk::adapter::{Input, Problem};

/// Elements inside each other.
const DEPTH_MAX: usize = 32;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element begins.
    Open,
    /// An element ends; [`Xml::text`] is what it held, if it held no other.
    Close,
    /// The file ends.
    End,
}

/// A walk over the elements of a file.
pub(crate) struct Xml {
    reader: Reader<Source>,
    buffer: Vec<u8>,
    /// Names of the open elements, joined with `/`.
    path: String,
    /// How long `path` is at each depth.
    depths: Vec<usize>,
    text: String,
    is_leaf: bool,
    /// The element that was closed last is taken off the path with the next step.
    closing: bool,
    /// Namespace of the root, and the prefix that stands for it.
    namespace: Option<String>,
    prefix: String,
    /// Depth of an element of a foreign namespace, which is passed over.
    foreign: Option<usize>,
}

impl std::fmt::Debug for Xml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xml").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Xml {
    /// Starts at the beginning of a file.
    pub(crate) fn open(input: Input) -> Result<Self, Problem> {
        let mut reader = Reader::from_reader(Source::open(input)?);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            buffer: Vec::new(),
            path: String::new(),
            depths: Vec::new(),
            text: String::new(),
            is_leaf: false,
            closing: false,
            namespace: None,
            prefix: String::new(),
            foreign: None,
        })
    }

    /// The open elements, such as `AuditFile/Header/CompanyName`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The text of the element that closes, trimmed.
    pub(crate) fn text(&self) -> &str {
        if self.is_leaf { self.text.trim() } else { "" }
    }

    /// The namespace of the root element.
    pub(crate) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    /// A problem where reading has come to.
    pub(crate) fn problem(&self, code: &str, message: &str) -> Problem {
        let at = format!("/{}, byte {}", self.path, self.reader.get_ref().position());
        Problem::new(code, at, message)
    }

    /// Goes on.
    pub(crate) fn step(&mut self) -> Result<Step, Problem> {
        if std::mem::take(&mut self.closing) {
            self.depths.pop();
            self.path.truncate(self.depths.last().copied().unwrap_or(0));
            self.is_leaf = false;
        }
        loop {
            self.reader.get_mut().mark();
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            let step = match self.reader.read_event_into(&mut buffer) {
                Ok(event) => self.event(&event),
                Err(error) => Err(self.explain(&error)),
            };
            self.buffer = buffer;
            if let Some(step) = step? {
                return Ok(step);
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Result<Option<Step>, Problem> {
        match event {
            Event::Start(start) => self.start(start),
            Event::End(_) => {
                if let Some(depth) = self.foreign {
                    self.foreign = depth.checked_sub(1).filter(|d| *d > 0);
                    return Ok(None);
                }
                self.closing = true;
                Ok(Some(Step::Close))
            }
            Event::Text(text) => Ok(self.hold(&text.xml10_content())),
            Event::CData(text) => Ok(self.hold(&text.xml10_content())),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let c = match name.as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                let Some(c) = c else {
                    return Err(
                        self.problem("saft.entity", &format!("`&{name};` is not one of the entities of XML, and others are not read. Export the file again."))
                    );
                };
                Ok(self.hold(c.encode_utf8(&mut [0; 4])))
            }
            Event::DocType(_) => {
                Err(self.problem("saft.doctype", "The file has a document type declaration, which audit files do not have; it is not read. Remove it."))
            }
            Event::Eof if self.depths.is_empty() && self.namespace.is_some() => Ok(Some(Step::End)),
            Event::Eof => Err(self.cut_off()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(None),
        }
    }

    fn hold(&mut self, text: &str) -> Option<Step> {
        if self.is_leaf && self.foreign.is_none() {
            self.text.push_str(text);
        }
        None
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<Option<Step>, Problem> {
        let name = start.name();
        let prefix = name.prefix().map(|p| p.as_ref().to_owned()).unwrap_or_default();
        if self.namespace.is_none() {
            let declaration = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            let mut attributes = start.attributes().filter_map(Result::ok);
            let found = attributes.find(|a| a.key.as_ref() == declaration);
            self.namespace = Some(found.map(|a| a.value.into_owned()).unwrap_or_default());
            self.prefix = prefix;
        } else if let Some(depth) = self.foreign {
            self.foreign = Some(depth + 1);
            return Ok(None);
        } else if prefix != self.prefix {
            self.foreign = Some(1);
            return Ok(None);
        }
        if self.depths.len() >= DEPTH_MAX {
            return Err(self.problem(
                "saft.too_deep",
                &format!("More than {DEPTH_MAX} elements stand inside each other, which no audit file has. Export the file again."),
            ));
        }
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name.local_name().as_ref());
        self.depths.push(self.path.len());
        self.text.clear();
        self.is_leaf = true;
        Ok(Some(Step::Open))
    }

    fn cut_off(&self) -> Problem {
        let size = self.reader.get_ref().size();
        let what = "The file ends in the middle: it was cut off, or is no XML. Export or transfer it again.";
        Problem::new("saft.truncated", format!("/{}, byte {size}", self.path), what)
    }

    fn explain(&self, error: &Error) -> Problem {
        match error {
            Error::Io(io) => match io.get_ref().and_then(|e| e.downcast_ref::<Problem>()) {
                Some(problem) => problem.clone(),
                None => self.problem("saft.malformed", &format!("The file cannot be read: {io}.")),
            },
            Error::Syntax(_) => self.cut_off(),
            other => self.problem("saft.malformed", &format!("This is not well-formed XML: {other}. Export the file again.")),
        }
    }
}
