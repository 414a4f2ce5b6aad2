import OllamaProxy

/// What `--help` prints.
enum Help {
    static var text: String {
        let widest = Configuration.settings.map(\.name.count).max() ?? 0
        let rows = Configuration.settings.map { setting in
            let padding = String(repeating: " ", count: widest - setting.name.count)
            return "  \(setting.name)\(padding)  \(setting.meaning) [\(setting.standard)]"
        }
        return """
            Usage: ollama-proxy [serve]
                   ollama-proxy check|models|budget [--json]
                   ollama-proxy failures [--json] [--clear [MODEL]]
                   ollama-proxy explain [--json] MODEL|FILE
                   ollama-proxy healthcheck
                   ollama-proxy --help | --version

            Lets apps written for Ollama use OpenRouter's models, free ones by default.

              serve        runs the server; so does no argument at all
              check        looks at configuration, key, models, limits, disk and server, a line each, with what to do
              models       lists the models that may be used, and which of them rest
              failures     lists which models failed, how, and how long they rest; --clear forgets that, for one model
                           or for all
              budget       says how many free requests were made and how many are left
              explain      says which models a request would be sent to, in which order and why: for a model's name,
                           or for a file that holds a request to /api/chat, /api/generate or /v1/chat/completions
              healthcheck  asks the running server how it is

            models, failures, budget and explain read the server's data folder and send nothing upstream.

              --json         prints JSON, for programs
              -h, --help     prints this
              -v, --version  prints the version

            Everything else is set by environment variables; what holds otherwise stands in brackets.

            \(rows.joined(separator: "\n"))

            Colours are printed to terminals only, and not where NO_COLOR is set.
            Exit codes: 0 done, or stopped by a signal, 1 failure, 2 wrong usage or configuration.

            """
    }
}
