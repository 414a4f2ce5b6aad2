import OllamaProxy
import Testing

struct HostPolicyTests {
    private func policy(listensOnLoopback: Bool = true) -> HostPolicy {
        HostPolicy(listensOnLoopback: listensOnLoopback, hostName: "MyBox") { text in
            ["127.0.0.1": true, "::1": true, "192.168.0.9": true, "8.8.8.8": false][text]
        }
    }

    @Test(
        arguments: [
            "", "localhost", "localhost:11434", "Localhost", "mybox", "MYBOX:1", "a.localhost", "x.local:1",
            "host.docker.internal", "127.0.0.1", "127.0.0.1:11434", "[::1]", "[::1]:11434", "::1", "192.168.0.9:80",
        ])
    func localNamesAreAllowed(host: String) {
        #expect(policy().allows(host))
    }

    @Test(arguments: [
        "example.com", "example.com:11434", "8.8.8.8", "8.8.8.8:1", "local", "internal", "mybox.evil", "[", "a:b:c",
    ])
    func othersAreNot(host: String) {
        #expect(!policy().allows(host))
        // On all interfaces the names are not ours to know.
        #expect(policy(listensOnLoopback: false).allows(host))
    }
}
