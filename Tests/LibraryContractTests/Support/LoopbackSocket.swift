import Glibc

/// A listening TCP socket on a free port of the loopback interface.
struct LoopbackListener {
    let descriptor: CInt
    let port: UInt16

    init() {
        // Close-on-exec, or a process started by a neighbouring test would keep our connections half alive.
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let listening = socket(AF_INET, kind, 0)
        var address = loopbackAddress(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withGenericAddress(&address) { bind(listening, $0, length) }
        precondition(bound == 0, "bind failed")
        precondition(listen(listening, 64) == 0, "listen failed")
        let named = withGenericAddress(&address) { getsockname(listening, $0, &length) }
        precondition(named == 0, "getsockname failed")
        descriptor = listening
        port = UInt16(bigEndian: address.sin_port)
    }

    func acceptConnection() -> CInt? {
        let accepted = accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        precondition(fcntl(accepted, F_SETFD, FD_CLOEXEC) == 0 && fcntl(accepted, F_SETFL, O_NONBLOCK) == 0)
        return accepted
    }
}

func connectToLoopback(port: UInt16) -> CInt {
    let connected = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = loopbackAddress(port: port)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // On loopback the kernel completes the handshake by itself: nobody has to accept first.
    let outcome = withGenericAddress(&address) { connect(connected, $0, length) }
    precondition(outcome == 0, "connect failed")
    precondition(fcntl(connected, F_SETFL, O_NONBLOCK) == 0, "fcntl failed")
    return connected
}

private func loopbackAddress(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

private func withGenericAddress<Outcome>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Outcome
) -> Outcome {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}
