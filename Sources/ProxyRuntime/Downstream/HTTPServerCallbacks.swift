import CMicroHTTPD
import Glibc
import OllamaProxy

// What libmicrohttpd calls, as C functions: each finds the server by its context and hands over to it.

private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
    Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue()
}

func admitConnection(
    _ context: UnsafeMutableRawPointer?, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> MHD_Result {
    server(context).admits(IPAddress(address)) ? .YES : .NO
}

func targetCame(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    if let target, let connection { server(context).setTarget(RequestLineTarget(target), connection) }
    return nil
}

func handleAccess(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadSize: UnsafeMutablePointer<Int>?, _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection, let url, let method, let version, let uploadSize, let requestContext else { return .NO }
    guard let existing = requestContext.pointee else {
        return server(context).began(
            connection, method: method, path: String(cString: url), version: version, context: requestContext)
    }
    let count = uploadSize.pointee
    uploadSize.pointee = 0
    guard let upload, count > 0 else {
        return server(context).continued(existing, upload: Bytes(start: nil, count: 0))
    }
    return UnsafeRawPointer(upload).withMemoryRebound(to: UInt8.self, capacity: count) { start in
        server(context).continued(existing, upload: Bytes(start: start, count: count))
    }
}

func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let requestContext else { return }
    server(context).completed(requestContext)
}

func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
    guard let connection, let socketContext else { return }
    if code == .CONNECTION_NOTIFY_STARTED {
        server(context).connected(connection, context: socketContext)
    } else {
        server(context).disconnected(context: socketContext)
    }
}

func logMicroHTTPD(_ context: UnsafeMutableRawPointer?, _ line: UnsafePointer<CChar>?) {
    guard let line else { return }
    server(context).logged(String(cString: line))
}
