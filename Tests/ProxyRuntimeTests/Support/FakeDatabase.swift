import CSQLite
import Foundation
import TestSupport

/// SQLite from outside the proxy, to make databases and to look into its own.
enum FakeDatabase {
    /// A lock that keeps all others from writing.
    final class Lock {
        private let handle: OpaquePointer

        fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

        func release() { sqlite3_close_v2(handle) }
    }

    static func create(at url: URL, sql: String) throws {
        let handle = try open(url)
        defer { sqlite3_close_v2(handle) }
        try execute(handle, sql)
    }

    static func lock(at url: URL) throws -> Lock {
        let handle = try open(url)
        try execute(handle, "BEGIN EXCLUSIVE")
        return Lock(handle)
    }

    /// The rows of a query, every column as a text.
    static func rows(at url: URL, sql: String) throws -> [[String]] {
        let handle = try open(url)
        defer { sqlite3_close_v2(handle) }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(handle) }
        defer { sqlite3_finalize(statement) }
        var rows: [[String]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
                })
        }
        return rows
    }

    /// Asks until the rows are as expected, and answers those of the last time. The proxy writes what failed after it
    /// has replied, so that no client waits for the disk.
    static func rows(at url: URL, sql: String, awaiting expected: [[String]], in proxy: ProxyProcess) throws
        -> [[String]]
    {
        let deadline = Date(timeIntervalSinceNow: 10)
        while true {
            let found = try rows(at: url, sql: sql)
            if found == expected || Date() > deadline { return found }
            // Another turn of the proxy's loop.
            _ = try proxy.health()
        }
    }

    private static func open(_ url: URL) throws -> OpaquePointer {
        var handle: OpaquePointer?
        guard sqlite3_open(url.path, &handle) == SQLITE_OK, let handle else {
            throw SupportError("cannot open \(url.path)")
        }
        sqlite3_busy_timeout(handle, 2000)
        return handle
    }

    private static func execute(_ handle: OpaquePointer, _ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(handle) }
    }

    private static func failure(_ handle: OpaquePointer) -> SupportError {
        SupportError(String(cString: sqlite3_errmsg(handle)))
    }
}
