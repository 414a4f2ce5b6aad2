import Glibc
import OllamaProxy
import ProxyRuntime

/// The command line: options, configuration, exit codes.
enum CommandLineInterface {
    private enum ExitCode {
        static let success: Int32 = 0
        static let failure: Int32 = 1
        /// The command line or the configuration is wrong.
        static let usage: Int32 = 2
    }

    static func run(arguments: [String]) -> Int32 {
        switch arguments.dropFirst().first {
        case nil: return serve()
        case "serve" where arguments.count == 2: return serve()
        case "--help", "-h":
            print(help, terminator: "")
            return ExitCode.success
        case "--version", "-v":
            print("ollama-proxy \(Proxy.version)")
            return ExitCode.success
        case let argument?:
            complain("unknown argument: \(argument)\nTry 'ollama-proxy --help'.")
            return ExitCode.usage
        }
    }

    private static func serve() -> Int32 {
        let configuration: Configuration
        do {
            configuration = try ConfigurationReader.read(environment: environment(), fileContent: Files.text)
        } catch {
            for error in error.errors { complain(error.description) }
            return ExitCode.usage
        }
        do {
            try Proxy(configuration).run()
            return ExitCode.success
        } catch {
            complain("\(error)")
            return ExitCode.failure
        }
    }

    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            if let (name, value) = String(cString: text).cut(at: "=") { variables[String(name)] = String(value) }
            entry += 1
        }
        return variables
    }

    private static func complain(_ message: String) {
        let line = "ollama-proxy: \(message)\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
    }

    private static var help: String {
        let widest = Configuration.variables.map(\.name.count).max() ?? 0
        let rows = Configuration.variables.map { variable in
            let padding = String(repeating: " ", count: widest - variable.name.count)
            return "  \(variable.name)\(padding)  \(variable.meaning) [\(variable.standard)]"
        }
        return """
            Usage: ollama-proxy [serve] [--help] [--version]

            Lets apps written for Ollama use OpenRouter's models, free ones by default.
            Everything is set by environment variables; what holds otherwise stands in brackets.

            \(rows.joined(separator: "\n"))

            Exit codes: 0 stopped by a signal, 1 failure at start, 2 wrong usage or configuration.

            """
    }
}
