import Foundation
import TestSupport

/// An upstream behind TLS that lists models and knows the key, made of the openssl command. Its certificates come from
/// an authority of its own.
final class TLSUpstream {
    /// What is right or wrong with a certificate for 127.0.0.1.
    enum Certificate: String, CaseIterable {
        case right, expired, ofAnotherHost, ofAnotherAuthority
    }

    static let executable = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var isAvailable: Bool { executable != nil }

    private(set) var port: UInt16 = 0
    private let folder: TemporaryFolder
    private var server: ChildProcess?

    init(_ certificate: Certificate) throws {
        folder = try TemporaryFolder()
        for authority in ["authority", "other"] {
            try openssl(
                "req -x509 -subj /CN=\(authority) -days 2 -keyout \(authority).key -out \(authority).pem \(Self.newKey)"
            )
        }
        try FileManager.default.createDirectory(at: folder.file("api/v1"), withIntermediateDirectories: true)
        // Only as an authority does openssl take the dates of a certificate, which `x509 -days` refuses for the past.
        try folder.write(
            """
            [ca]
            default_ca=these
            [these]
            database=index
            new_certs_dir=.
            rand_serial=yes
            default_md=sha256
            policy=names
            unique_subject=no
            [names]
            commonName=supplied
            """, to: "authority.cnf")
        try folder.write("", to: "index")
        // The command sends these files as they are, head and all.
        try serve("models", ListedModel.three.json)
        try serve("key", "{\"data\":{\"is_free_tier\":true}}")
        try start(certificate)
    }

    deinit { server?.kill() }

    var baseURL: String { "https://127.0.0.1:\(port)/api/v1" }

    /// The authority that is to be believed.
    var authorities: URL { folder.file("authority.pem") }

    /// Whether a request has come, whatever it was: the command says which file it sends.
    var hasBeenAsked: Bool { server?.errors.lines.contains { $0.contains("FILE:") } ?? false }

    /// Serves on with another certificate, at the same address.
    func change(to certificate: Certificate) throws {
        server?.kill()
        try start(certificate)
    }

    private static let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

    private func serve(_ name: String, _ body: String) throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try folder.write(head + body, to: "api/v1/\(name)")
    }

    private func start(_ certificate: Certificate) throws {
        let name = certificate.rawValue
        let host = certificate == .ofAnotherHost ? "DNS:other.example" : "IP:127.0.0.1"
        let authority = certificate == .ofAnotherAuthority ? "other" : "authority"
        let end = certificate == .expired ? "20200102000000Z" : "20491231235959Z"
        try folder.write("subjectAltName=\(host)\n", to: "extensions")
        try openssl("req -new -subj /CN=test -keyout \(name).key -out \(name).csr \(Self.newKey)")
        try openssl(
            "ca -batch -notext -config authority.cnf -cert \(authority).pem -keyfile \(authority).key -in \(name).csr "
                + "-startdate 20200101000000Z -enddate \(end) -extfile extensions -out \(name).pem")
        let accept = "-accept 127.0.0.1:\(port) -key \(name).key -cert \(name).pem -HTTP"
        let server = try shell("exec \(Self.executable!) s_server \(accept)")
        // Where the kernel chose the port, it is announced: "ACCEPT 127.0.0.1:40123".
        guard let line = server.output.waitForLine(timeout: 20, where: { $0.hasPrefix("ACCEPT") })?.line else {
            server.kill()
            throw SupportError("openssl does not serve: \(server.errors.lines)")
        }
        if port == 0 { port = line.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }
        self.server = server
    }

    private func openssl(_ arguments: String) throws {
        let process = try shell("exec \(Self.executable!) \(arguments)")
        guard process.waitForExit(timeout: 30) == .exited(0) else {
            throw SupportError("openssl \(arguments): \(process.errors.lines.joined(separator: "\n"))")
        }
    }

    private func shell(_ command: String) throws -> ChildProcess {
        try ChildProcess(
            executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", "cd '\(folder.url.path)' && \(command)"],
            environment: ["PATH": "/usr/bin:/bin"])
    }
}
