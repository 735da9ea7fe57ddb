//! The answer to a query, as plain JSON values.

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As the query called it.
    pub name: String,
    /// In SQL, for example `BIGINT` or `MAP(VARCHAR, VARCHAR)`.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// The answer to a query. Its JSON is what `POST /v1/sql` returns.
///
/// Integers are numbers, also those beyond 2^53. HUGEINT and DECIMAL are numbers where a number says them exactly, else strings. Times are
/// RFC 3339 (UTC for TIMESTAMPTZ), BLOB is lower-case hex, MAP and STRUCT are objects, LIST is an array; NaN and infinity are strings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// One for each value of a row.
    pub columns: Vec<Column>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The rows as objects. Columns keep their order; a name that comes again gets a number: `a`, `a_1`.
    ///
    /// ```
    /// use baton_store::query::{Column, Rows};
    /// use serde_json::json;
    ///
    /// let column = |name: &str| Column { name: name.into(), type_name: "INTEGER".into() };
    /// let rows = Rows { columns: vec![column("z"), column("a"), column("z")], rows: vec![vec![json!(1), json!(2), json!(3)]] };
    /// let object = rows.objects().next().unwrap();
    /// assert_eq!(serde_json::to_string(&object)?, r#"{"z":1,"a":2,"z_1":3}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn objects(&self) -> impl Iterator<Item = impl Serialize + '_> + '_ {
        let names = self.unique_names();
        self.rows.iter().map(move |row| Object {
            names: names.clone(),
            row,
        })
    }

    /// The rows as values of a type with a field for each column it wants.
    ///
    /// # Errors
    /// A column that is missing or of another type.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<Vec<T>, serde_json::Error> {
        let object = |row: &Vec<Value>| {
            self.columns
                .iter()
                .map(|column| column.name.clone())
                .zip(row.iter().cloned())
                .collect()
        };
        self.rows
            .iter()
            .map(|row| serde_json::from_value(Value::Object(object(row))))
            .collect()
    }

    fn unique_names(&self) -> std::rc::Rc<[String]> {
        let mut names: Vec<String> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let mut name = column.name.clone();
            let mut copy = 0;
            while names.contains(&name) {
                copy += 1;
                name = format!("{}_{copy}", column.name);
            }
            names.push(name);
        }
        names.into()
    }
}

struct Object<'a> {
    names: std::rc::Rc<[String]>,
    row: &'a [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.row.len()))?;
        for (name, value) in self.names.iter().zip(self.row) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
