import CSQLite
import OllamaProxy

/// An error of SQLite's, with its own words.
struct SQLiteError: Error, CustomStringConvertible {
    let code: Int32
    let description: String

    /// Someone else is writing; it may work later.
    var meansBusy: Bool { code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED }

    /// The file is no database, or one that is damaged.
    var meansCorruption: Bool { code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB }
}

/// One connection to one database file.
final class SQLiteDatabase {
    private let handle: OpaquePointer

    init(path: String) throws(SQLiteError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK, let opened else {
            let reason = String(cString: sqlite3_errstr(code))
            sqlite3_close(opened)
            throw SQLiteError(code: code, description: reason)
        }
        handle = opened
        // The loop stands still meanwhile.
        sqlite3_busy_timeout(handle, 50)
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Whether the file is no longer where it was opened: what is written to it would be lost with this connection.
    var hasMoved: Bool {
        var moved: Int32 = 0
        return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
    }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        return SQLiteStatement(statement!, database: self)
    }

    fileprivate func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE else {
            throw SQLiteError(code: code, description: String(cString: sqlite3_errmsg(handle)))
        }
    }
}

/// A prepared statement, for use again and again.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: SQLiteDatabase

    fileprivate init(_ handle: OpaquePointer, database: SQLiteDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// - Parameter index: from 1.
    func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    func bind(_ value: Double, at index: Int32) {
        sqlite3_bind_double(handle, index, value)
    }

    func bind(_ value: String, at index: Int32) {
        csqlite_bind_text_copy(handle, index, value, Int32(value.utf8.count))
    }

    /// Dates are kept in whole seconds since 1970.
    func bind(_ time: UnixTime, at index: Int32) {
        bind(Int64(time.seconds), at: index)
    }

    /// - Returns: whether there is a row to read.
    func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        try database.check(code)
        return code == SQLITE_ROW
    }

    /// Makes it ready for the next time, and lets go of what it has locked.
    func reset() {
        sqlite3_reset(handle)
    }

    /// Runs a statement that returns no row, and makes it ready for the next time.
    func run() throws(SQLiteError) {
        defer { reset() }
        _ = try step()
    }

    /// - Parameter index: from 0.
    func integer(at index: Int32) -> Int64 {
        sqlite3_column_int64(handle, index)
    }

    func time(at index: Int32) -> UnixTime {
        UnixTime(seconds: Int(integer(at: index)))
    }

    func double(at index: Int32) -> Double {
        sqlite3_column_double(handle, index)
    }

    func text(at index: Int32) -> String {
        sqlite3_column_text(handle, index).map { String(cString: $0) } ?? ""
    }
}
