/// What a request asks for, by its path and method.
package enum Route: String, CaseIterable {
    case root = "/"
    case version = "/api/version"
    case tags = "/api/tags"
    case show = "/api/show"
    case chat = "/api/chat"
    case generate = "/api/generate"
    case openAIModels = "/v1/models"
    case openAIChat = "/v1/chat/completions"
    case health = "/health"

    /// The methods it answers to, as the `Allow` header lists them.
    package var methods: [String] {
        switch self {
        case .root, .version, .tags, .openAIModels, .health: ["GET", "HEAD"]
        case .show, .chat, .generate, .openAIChat: ["POST"]
        }
    }

    /// Why a request has no route.
    package enum Mismatch: Error, Equatable {
        case unknownPath
        case wrongMethod(allowed: [String])
    }

    /// - Parameter path: without the query; a slash at the end makes no difference.
    package static func find(method: String, path: String) throws(Mismatch) -> Route {
        var path = path
        // Clients that take us for a proxy name the whole URL.
        if path.hasPrefix("http://"), let (_, rest) = String(path.dropFirst(7)).cut(at: "/") { path = "/" + rest }
        path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let route = Route(rawValue: path) else { throw .unknownPath }
        guard route.methods.contains(method) else { throw .wrongMethod(allowed: route.methods) }
        return route
    }

    /// The API that a path belongs to, known route or not.
    package static func family(ofPath path: String) -> APIFamily {
        path.hasPrefix("/v1/") ? .openAI : .ollama
    }
}
