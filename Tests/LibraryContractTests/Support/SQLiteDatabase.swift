import CSQLite

/// One connection, with nothing but the result codes.
final class SQLiteDatabase {
    private var connection: OpaquePointer?
    let openResult: CInt

    init(path: String, flags: CInt = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
        openResult = sqlite3_open_v2(path, &connection, flags, nil)
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    func execute(_ statements: String) -> CInt {
        sqlite3_exec(connection, statements, nil, nil, nil)
    }

    /// The first column of the first row.
    func text(of query: String) -> String? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, query, -1, &statement, nil) == SQLITE_OK else { return nil }
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW, let value = sqlite3_column_text(statement, 0) else { return nil }
        return String(cString: value)
    }
}
