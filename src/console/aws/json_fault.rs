//! What is wrong with a text that is no JSON, in the words of the client's language. Does not read values.

/// How deep a document may nest before we look no further.
const DEPTH_MAX: usize = 128;

/// The complaint, with its place.
pub fn of(text: &str) -> String {
    let mut scan = Scan { text: text.chars().collect(), at: 0, depth: 0 };
    scan.blanks();
    let fault = match scan.value() {
        Ok(()) => {
            scan.blanks();
            ("Extra data".to_string(), scan.at)
        }
        Err(fault) => fault,
    };
    let (say, at) = fault;
    let before = scan.text.get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|c| **c == '\n').count();
    let column = 1 + before.iter().rev().take_while(|c| **c != '\n').count();
    format!("{say}: line {line} column {column} (char {at})")
}

struct Scan {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

type Fault = (String, usize);

fn fault<T>(say: &str, at: usize) -> Result<T, Fault> {
    Err((say.to_string(), at))
}

impl Scan {
    fn here(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.here().is_some_and(|c| " \t\n\r".contains(c)) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return fault("maximum recursion depth exceeded", self.at);
        }
        match self.here() {
            Some('"') => self.string(),
            Some('{') => self.object(),
            Some('[') => self.array(),
            _ => self.word(),
        }?;
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self) -> Result<(), Fault> {
        for word in ["null", "true", "false", "NaN", "Infinity", "-Infinity"] {
            if self.text.iter().skip(self.at).take(word.len()).copied().eq(word.chars()) {
                self.at += word.len();
                return Ok(());
            }
        }
        let start = self.at;
        if self.here() == Some('-') {
            self.at += 1;
        }
        if self.digits() == 0 {
            return fault("Expecting value", start);
        }
        if self.here() == Some('.') && self.text.get(self.at + 1).is_some_and(char::is_ascii_digit) {
            self.at += 1;
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.here().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.here() {
                None => return fault("Unterminated string starting at", start),
                Some('"') => break,
                Some('\\') => match self.text.get(self.at + 1) {
                    None => return fault("Unterminated string starting at", start),
                    Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => self.at += 2,
                    Some(_) => return fault("Invalid \\escape", self.at),
                },
                Some(c) if c < ' ' => return fault("Invalid control character at", self.at),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.blanks();
        if self.here() == Some('}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.here() != Some('"') {
                return fault(NAME, self.at);
            }
            self.string()?;
            self.blanks();
            if self.here() != Some(':') {
                return fault("Expecting ':' delimiter", self.at);
            }
            self.at += 1;
            self.blanks();
            self.value()?;
            self.blanks();
            match self.here() {
                Some('}') => break,
                Some(',') => self.at += 1,
                _ => return fault("Expecting ',' delimiter", self.at),
            }
            self.blanks();
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.blanks();
        if self.here() == Some(']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value()?;
            self.blanks();
            match self.here() {
                Some(']') => break,
                Some(',') => self.at += 1,
                _ => return fault("Expecting ',' delimiter", self.at),
            }
            self.blanks();
        }
        self.at += 1;
        Ok(())
    }
}
