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
        case "explain":
            guard arguments.count == 3 else {
                complain("explain takes the name of a model, or a file with a request\nTry 'ollama-proxy --help'.")
                return ExitCode.usage
            }
            return explain(arguments[2])
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

    private static func explain(_ subject: String) -> Int32 {
        do {
            let configuration = try ConfigurationReader.read(
                environment: environment(), needsKey: false, fileContent: Files.text)
            print(try Explain.text(about: subject, configuration), terminator: "")
            return ExitCode.success
        } catch let failure as ConfigurationReader.Failure {
            for error in failure.errors { complain(error.description) }
            return ExitCode.usage
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
            Usage: ollama-proxy [serve]
                   ollama-proxy explain MODEL|FILE
                   ollama-proxy --help | --version

            Lets apps written for Ollama use OpenRouter's models, free ones by default.

              serve    runs the server; so does no argument at all
              explain  says which models a request would be sent to, in which order and why: for a model's name, or for
                       a file that holds a request to /api/chat, /api/generate or /v1/chat/completions. It reads the
                       server's data folder and sends nothing.

            Everything is set by environment variables; what holds otherwise stands in brackets.

            \(rows.joined(separator: "\n"))

            Exit codes: 0 done, or stopped by a signal, 1 failure, 2 wrong usage or configuration.

            """
    }
}
