import Foundation

/// `openssl s_server` with a certificate of its own making, valid for 127.0.0.1 and for nothing else.
final class OpenSSLServer {
    static let executable = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct NotStarted: Error {
        let output: String
    }

    let port: Int
    private let folder: URL
    private let server = Process()
    /// Kept open: the server serves until its input ends.
    private let serverInput = Pipe()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("contract-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appendingPathComponent("key.pem").path
        let certificate = folder.appendingPathComponent("certificate.pem").path
        let executable = URL(fileURLWithPath: Self.executable!)

        let generator = Process()
        generator.executableURL = executable
        generator.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=contract",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        generator.standardError = FileHandle.nullDevice
        try generator.run()
        generator.waitUntilExit()

        let output = Pipe()
        server.executableURL = executable
        server.arguments = ["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www"]
        server.standardInput = serverInput
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        // It announces the port that the kernel chose: "ACCEPT 127.0.0.1:40123".
        var announced = ""
        while !(announced.contains("ACCEPT") && announced.hasSuffix("\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw NotStarted(output: announced) }
            announced += String(decoding: more, as: UTF8.self)
        }
        let digits = announced.dropLast().reversed().prefix { $0.isNumber }.reversed()
        guard let port = Int(String(digits)) else { throw NotStarted(output: announced) }
        self.port = port
    }

    var certificatePath: String { folder.appendingPathComponent("certificate.pem").path }

    func stop() {
        // Not SIGTERM: a child started from a dispatch worker thread inherits its signal mask, which blocks that.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
