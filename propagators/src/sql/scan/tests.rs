use super::Dialect::{self, MySql, Postgres, Sqlite};
use super::*;

/// The tokens with a letter each in front: `l` literal, `o` open one, `p` placeholder, `c` comment, `w` word, `q` quoted name, `s` symbol.
#[track_caller]
fn check(dialect: Dialect, sql: &str, expected: &[&str]) {
    let tokens: Vec<_> = Tokens::new(sql, dialect).collect();
    let all: String = tokens.iter().map(|token| token.text).collect();
    assert_eq!(all, sql, "the tokens are the text");
    let shown: Vec<_> = tokens
        .iter()
        .filter(|token| token.kind != Kind::Space)
        .map(|token| {
            let letter = match token.kind {
                Kind::Space => ' ',
                Kind::Comment => 'c',
                Kind::Literal => 'l',
                Kind::Open => 'o',
                Kind::Placeholder => 'p',
                Kind::Word => 'w',
                Kind::Quoted => 'q',
                Kind::Symbol => 's',
            };
            format!("{letter}{}", token.text)
        })
        .collect();
    assert_eq!(shown, expected, "{dialect:?}: {sql}");
}

#[test]
fn strings() {
    check(Sqlite, "'it''s' 'a\\' b", &["l'it''s'", "l'a\\'", "wb"]);
    check(Postgres, "'a\\' b", &["l'a\\'", "wb"]);
    check(MySql, "'a\\' b' 'c'", &["l'a\\' b'", "l'c'"]);
    check(MySql, r#""a\"b" "c""d""#, &[r#"l"a\"b""#, r#"l"c""d""#]);
    check(
        Postgres,
        r"E'a\'b' e'\\' x'ff' B'01'",
        &[r"lE'a\'b'", r"le'\\'", "lx'ff'", "lB'01'"],
    );
    check(Postgres, "E'a'\n 'b\\'c' d", &["lE'a'\n 'b\\'c'", "wd"]);
    check(Postgres, "E'a' 'b\\' c", &["lE'a'", "l'b\\'", "wc"]);
    check(Postgres, "E'a'\n'b", &["oE'a'\n'b"]);
    check(
        MySql,
        r"_utf8mb4'a\'b' N'c'",
        &[r"l_utf8mb4'a\'b'", "lN'c'"],
    );
    check(Postgres, "DATE'2026-01-01'", &["wDATE", "l'2026-01-01'"]);
    check(Sqlite, "'open", &["o'open"]);
    check(MySql, "'open\\", &["o'open\\"]);
    check(Sqlite, "'ü''é'ö", &["l'ü''é'", "wö"]);
}

#[test]
fn dollar_quotes() {
    check(Postgres, "$$it's$$ a", &["l$$it's$$", "wa"]);
    check(Postgres, "$f$ $$ $g$ $f$ b", &["l$f$ $$ $g$ $f$", "wb"]);
    check(Postgres, "$1 $12", &["p$1", "p$12"]);
    check(Postgres, "$ü$x$ü$", &["l$ü$x$ü$"]);
    check(Postgres, "$a$open", &["o$a$open"]);
    check(Postgres, "$ $a", &["s$", "s$", "wa"]);
    check(MySql, "a$b", &["wa$b"]);
}

#[test]
fn numbers() {
    for dialect in [Sqlite, Postgres, MySql] {
        check(
            dialect,
            "1 1.5 .5 1e-3 1E+3 0xFF 1_000",
            &["l1", "l1.5", "l.5", "l1e-3", "l1E+3", "l0xFF", "l1_000"],
        );
        check(
            dialect,
            "a1 t1.c2 -5",
            &["wa1", "wt1", "s.", "wc2", "s-", "l5"],
        );
    }
}

#[test]
fn comments() {
    check(Sqlite, "a--b'\nc", &["wa", "c--b'", "wc"]);
    check(
        MySql,
        "5--3 -- x\n#y\nz",
        &["l5", "s-", "s-", "l3", "c-- x", "c#y", "wz"],
    );
    check(Postgres, "a#b", &["wa", "s#", "wb"]);
    check(Sqlite, "/* /* */ a", &["c/* /* */", "wa"]);
    check(Postgres, "/* /* */ ' */ a", &["c/* /* */ ' */", "wa"]);
    check(MySql, "/*/ a */b", &["c/*/ a */", "wb"]);
    check(Sqlite, "/* open", &["c/* open"]);
}

#[test]
fn names() {
    check(
        Sqlite,
        r#""a ""b" `c` [d e]"#,
        &[r#"q"a ""b""#, "q`c`", "q[d e]"],
    );
    check(
        Postgres,
        r#""a'b" x[1]"#,
        &[r#"q"a'b""#, "wx", "s[", "l1", "s]"],
    );
    check(MySql, "`a``b`", &["q`a``b`"]);
}

#[test]
fn placeholders() {
    check(Sqlite, "? ?1 :a @b $c", &["p?", "p?1", "p:a", "p@b", "p$c"]);
    check(MySql, "?,? @v", &["p?", "s,", "p?", "s@", "wv"]);
    check(
        Postgres,
        "a ? b a::int",
        &["wa", "s?", "wb", "wa", "s:", "s:", "wint"],
    );
}
