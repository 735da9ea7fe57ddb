//! Which words of a command are names, and which are values. What is not listed here shows nothing.

/// What may be shown of the words after a command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing: it may be a password, a script, or a command that is not known here.
    Nothing,
    /// The key; values follow.
    Key,
    /// A key and a field of it; values follow.
    KeyAndField,
    /// Keys and values in turn.
    Pairs,
    /// A key, then fields and values in turn.
    KeyAndPairs,
    /// Keys, fields and positions alone.
    All,
    /// The name of a script or function; its arguments follow.
    Procedure,
}

const KEY: &[&str] = &[
    "APPEND",
    "BITFIELD",
    "BITOP",
    "BLMPOP",
    "DECRBY",
    "GEOADD",
    "GEOSEARCH",
    "GETEX",
    "GETSET",
    "INCRBY",
    "INCRBYFLOAT",
    "LINSERT",
    "LMPOP",
    "LPOS",
    "LPUSH",
    "LPUSHX",
    "LREM",
    "PFADD",
    "PSETEX",
    "PUBLISH",
    "RESTORE",
    "RPUSH",
    "RPUSHX",
    "SADD",
    "SET",
    "SETBIT",
    "SETEX",
    "SETNX",
    "SETRANGE",
    "SISMEMBER",
    "SMISMEMBER",
    "SORT",
    "SPUBLISH",
    "SREM",
    "XADD",
    "XCLAIM",
    "ZADD",
    "ZINCRBY",
    "ZMSCORE",
    "ZRANK",
    "ZREM",
    "ZREVRANK",
    "ZSCORE",
];

const KEY_AND_FIELD: &[&str] = &[
    "HINCRBY",
    "HINCRBYFLOAT",
    "HSETNX",
    "LSET",
    "SMOVE",
    "XACK",
    "XDEL",
];

const ALL: &[&str] = &[
    "BITCOUNT",
    "BLMOVE",
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "BZPOPMAX",
    "BZPOPMIN",
    "COPY",
    "DBSIZE",
    "DECR",
    "DEL",
    "DISCARD",
    "DUMP",
    "EXEC",
    "EXISTS",
    "EXPIRE",
    "EXPIREAT",
    "EXPIRETIME",
    "FLUSHALL",
    "FLUSHDB",
    "GET",
    "GETBIT",
    "GETDEL",
    "GETRANGE",
    "HDEL",
    "HEXISTS",
    "HEXPIRE",
    "HGET",
    "HGETALL",
    "HGETDEL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HPERSIST",
    "HRANDFIELD",
    "HSTRLEN",
    "HTTL",
    "HVALS",
    "INCR",
    "LINDEX",
    "LLEN",
    "LMOVE",
    "LPOP",
    "LRANGE",
    "LTRIM",
    "MGET",
    "MOVE",
    "MULTI",
    "PERSIST",
    "PEXPIRE",
    "PEXPIREAT",
    "PFCOUNT",
    "PFMERGE",
    "PING",
    "PTTL",
    "RANDOMKEY",
    "RENAME",
    "RENAMENX",
    "RPOP",
    "RPOPLPUSH",
    "SCARD",
    "SDIFF",
    "SDIFFSTORE",
    "SELECT",
    "SINTER",
    "SINTERSTORE",
    "SMEMBERS",
    "SPOP",
    "SRANDMEMBER",
    "STRLEN",
    "SUBSCRIBE",
    "SUNION",
    "SUNIONSTORE",
    "TIME",
    "TOUCH",
    "TTL",
    "TYPE",
    "UNLINK",
    "UNSUBSCRIBE",
    "UNWATCH",
    "WAIT",
    "WATCH",
    "XLEN",
    "XPENDING",
    "XRANGE",
    "XREAD",
    "XREADGROUP",
    "XREVRANGE",
    "XTRIM",
    "ZCARD",
    "ZCOUNT",
    "ZPOPMAX",
    "ZPOPMIN",
    "ZRANDMEMBER",
    "ZRANGE",
    "ZRANGESTORE",
    "ZREMRANGEBYRANK",
    "ZREMRANGEBYSCORE",
    "ZREVRANGE",
    "ZREVRANGEBYSCORE",
    "ZRANGEBYSCORE",
];

const PROCEDURES: &[&str] = &["EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO"];

// ===== impl Shown =====

impl Shown {
    /// Whether the word at `index` behind the command's name is one of the names.
    pub(super) const fn has(self, index: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Key | Self::Procedure => index == 0,
            Self::KeyAndField => index <= 1,
            Self::Pairs => index.is_multiple_of(2),
            Self::KeyAndPairs => index == 0 || !index.is_multiple_of(2),
            Self::All => true,
        }
    }
}

pub(super) fn shown(command: &str) -> Shown {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(command));
    if is(ALL) {
        Shown::All
    } else if is(KEY) {
        Shown::Key
    } else if is(KEY_AND_FIELD) {
        Shown::KeyAndField
    } else if is(&["MSET", "MSETNX"]) {
        Shown::Pairs
    } else if is(&["HSET", "HMSET"]) {
        Shown::KeyAndPairs
    } else if is(PROCEDURES) {
        Shown::Procedure
    } else {
        Shown::Nothing
    }
}
