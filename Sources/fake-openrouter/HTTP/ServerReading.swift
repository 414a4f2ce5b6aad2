import Glibc

extension Server {
    /// Reads until a request is there or the socket is empty, and answers the requests found.
    func readRequests(_ connection: Connection) {
        while isOpen(connection), case .reading = connection.state {
            do throws(HTTPRequestError) {
                if let request = try connection.reader.next() {
                    begin(request, on: connection)
                    continue
                }
            } catch {
                refuse(connection, error)
                return
            }
            if connection.reader.awaitsContinue {
                connection.reader.awaitsContinue = false
                enqueue(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), on: connection)
                guard flush(connection) else { return }
            }
            guard connection.mayHaveInput else { return }
            let count = recv(connection.descriptor, readBuffer.baseAddress, readBuffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                connection.reader.append(UnsafeRawBufferPointer(rebasing: readBuffer[..<count]))
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                connection.mayHaveInput = errno == EINTR
            } else {
                peerLeft(connection)
                return
            }
        }
    }

    private func begin(_ request: HTTPRequest, on connection: Connection) {
        connection.closesAfterAnswer = request.asksToClose
        let isControl = request.path.hasPrefix("/_fake/")
        if isControl != connection.isControl {
            connection.isControl = isControl
            counters.controlConnections += isControl ? 1 : -1
        }
        guard !isControl else {
            control(request, on: connection)
            return
        }
        counters.requests += 1
        let (plan, model) = upstream.answer(request)
        report("\(request.method) \(request.path)" + (model.map { " model=\($0)" } ?? ""))
        start(plan, on: connection, isStream: Dialect.allCases.contains { request.path.hasSuffix("/" + $0.rawValue) })
    }

    private func refuse(_ connection: Connection, _ error: HTTPRequestError) {
        report("refused a request: \(error.reason)")
        let body: JSONValue = ["error": ["message": .string(error.reason), "code": .int(error.status)]]
        start(.sized(status: error.status, body: body.rendered, ending: .close), on: connection, isStream: false)
    }

    private func report(_ line: String) {
        guard !isQuiet else { return }
        StandardStream.error.write(line + "\n")
    }
}
