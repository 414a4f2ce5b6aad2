/// What the product calls itself.
package enum Product {
    package static let name = "ollama-proxy"
    package static let version = "0.1.0"
    /// For the upstream.
    package static var userAgent: String { "\(name)/\(version)" }
}
