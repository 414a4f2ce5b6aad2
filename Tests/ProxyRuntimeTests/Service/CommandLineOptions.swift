import TestSupport
import Testing

/// The command line.
@Suite(.timeLimit(.minutes(10)))
struct CommandLineOptions {
    private func run(_ arguments: [String]) throws -> (status: TestSupport.ExitStatus?, output: String, errors: String)
    {
        let process = try ChildProcess(executable: BuiltProducts.ollamaProxy(), arguments: arguments)
        let status = process.waitForExit(timeout: 20)
        process.output.waitForEnd(timeout: 2)
        process.errors.waitForEnd(timeout: 2)
        return (status, process.output.lines.joined(separator: "\n"), process.errors.lines.joined(separator: "\n"))
    }

    @Test(arguments: ["--help", "-h"])
    func help(argument: String) throws {
        let (status, output, errors) = try run([argument])
        #expect(status == .exited(0))
        #expect(errors.isEmpty)
        let variables = [
            "OPENROUTER_API_KEY", "OPENROUTER_API_KEY_FILE", "OPENAI_API_KEY", "OPENROUTER_BASE_URL", "FREE_MODE",
            "TOOL_USE_ONLY", "LOG_LEVEL", "PORT", "OLLAMA_HOST", "DATA_DIR", "MODEL_FILTER_PATH", "MODEL_NAMES",
            "MAX_ATTEMPTS", "FIRST_TOKEN_TIMEOUT_SECONDS", "FAILURE_COOLDOWN_MINUTES", "RATELIMIT_COOLDOWN_MINUTES",
            "SHUTDOWN_GRACE_SECONDS", "MODEL_ORDER", "STRICT_MODELS", "MODEL_ALIASES", "FALLBACK_MODELS",
            "MAX_PRICE_PER_MILLION", "FREE_REQUESTS_PER_MINUTE", "FREE_REQUESTS_PER_DAY", "QUEUE_SECONDS",
            "TOTAL_TIMEOUT_SECONDS", "CONTINUE_STREAMS", "HEDGE_AFTER_SECONDS", "HEDGE_IN_FREE_MODE",
        ]
        for variable in variables { #expect(output.contains(variable)) }
    }

    @Test func version() throws {
        let (status, output, errors) = try run(["--version"])
        #expect(status == .exited(0))
        #expect(errors.isEmpty)
        #expect(output.hasPrefix("ollama-proxy "))
        #expect(output.contains { $0.isNumber })
    }

    @Test func whatIsUnknownIsRefused() throws {
        let (status, output, errors) = try run(["--nonsense"])
        #expect(status == .exited(2))
        #expect(output.isEmpty)
        #expect(errors.contains("--nonsense"))
    }

    /// Nothing to set but the key.
    @Test func withoutAnythingSetTheKeyIsMissed() throws {
        let (status, _, errors) = try run([])
        #expect(status == .exited(2))
        #expect(errors.contains("OPENROUTER_API_KEY"))
    }
}
