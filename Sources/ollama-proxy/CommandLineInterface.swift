import Glibc
import OllamaProxy
import ProxyRuntime

/// The command line: commands, configuration, exit codes.
struct CommandLineInterface {
    private enum ExitCode {
        static let success: Int32 = 0
        static let failure: Int32 = 1
        /// The command line or the configuration is wrong.
        static let usage: Int32 = 2
    }

    private enum Command: String {
        case serve, check, models, failures, budget, explain, healthcheck

        var printsJSON: Bool { self != .serve && self != .healthcheck }
    }

    private let options: CommandLineOptions

    static func run(arguments: [String]) -> Int32 {
        do {
            return try CommandLineInterface(options: CommandLineOptions(arguments)).run()
        } catch let mistake as CommandLineOptions.Mistake {
            complain("\(mistake.description)\nTry 'ollama-proxy --help'.")
            return ExitCode.usage
        } catch let failure as ConfigurationReader.Failure {
            for error in failure.errors { complain(error.description) }
            return ExitCode.usage
        } catch {
            complain("\(error)")
            return ExitCode.failure
        }
    }

    private func run() throws -> Int32 {
        if options.help {
            print(Help.text, terminator: "")
            return ExitCode.success
        }
        if options.version {
            print("\(Product.name) \(Product.version)")
            return ExitCode.success
        }
        let name = options.words.first ?? "serve"
        guard let command = Command(rawValue: name) else {
            throw CommandLineOptions.Mistake(description: "unknown argument: \(name)")
        }
        let operands = Array(options.words.dropFirst())
        try check(operands, of: command)
        return try run(command, operands)
    }

    private func check(_ operands: [String], of command: Command) throws(CommandLineOptions.Mistake) {
        if options.json, !command.printsJSON { throw .init(description: "\(command.rawValue) does not accept --json") }
        if options.clear, command != .failures {
            throw .init(description: "\(command.rawValue) does not accept --clear")
        }
        if command == .explain {
            guard operands.count == 1 else {
                throw .init(description: "explain needs the name of a model, or a file with a request")
            }
        } else if let surplus = operands.dropFirst(options.clear ? 1 : 0).first {
            throw .init(description: "unknown argument: \(surplus)")
        }
    }

    private func run(_ command: Command, _ operands: [String]) throws -> Int32 {
        // Only what asks the upstream cannot do without its key.
        let needsKey = command == .serve || command == .check
        let environment = Self.environment()
        let configuration: Configuration
        do {
            configuration = try ConfigurationReader.read(
                environment: environment, needsKey: needsKey, fileContent: Files.text)
        } catch {
            guard command == .serve, let server = try Self.refusingServer(because: error, environment) else {
                throw error
            }
            server.run()
            return ExitCode.success
        }
        switch command {
        case .serve: try Proxy(configuration).run()
        case .check:
            let report = Check.run(configuration)
            show(report)
            if report.hasFailed { return ExitCode.failure }
        case .models: show(try LedgerCommands.models(configuration))
        case .failures:
            if options.clear {
                let done = try LedgerCommands.clearFailures(operands.first, configuration)
                print(options.json ? JSONWriter.object { $0.field("done", done) }.text : done)
            } else {
                show(try LedgerCommands.failures(configuration))
            }
        case .budget: show(try LedgerCommands.budget(configuration))
        case .explain: show(try Explain.report(about: operands[0], configuration))
        case .healthcheck:
            let (isHealthy, sentence) = HealthCheck.run(configuration)
            print(sentence)
            if !isHealthy { return ExitCode.failure }
        }
        return ExitCode.success
    }

    private static func refusingServer(
        because failure: ConfigurationReader.Failure, _ environment: [String: String]
    ) throws -> RefusingServer? {
        let keys = ["OPENROUTER_API_KEY", "OPENAI_API_KEY", "PROXY_API_KEYS"].compactMap { environment[$0] }
        return try RefusingServer(because: failure, secret: Secret(keys))
    }

    private func show(_ report: some Report) {
        print(options.json ? report.json().text : report.text(colours: Self.usesColours), terminator: "")
    }

    /// Colours are for people at a terminal that has some and who have not declined them: https://no-color.org
    private static var usesColours: Bool {
        let environment = environment()
        return isatty(1) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
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
}
