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

              serve        run the server (the default)
              check        check configuration, key, models, limits, disk and server, and say what to do
              models       list the models that may be used, and which of them are in cooldown
              failures     list which models failed, how, and their cooldowns; --clear forgets them, for one model
                           or for all
              budget       show how many free requests were made and how many are left
              explain      show which models a request would be sent to, in which order and why: for a model's name,
                           or for a file with a request to /api/chat, /api/generate or /v1/chat/completions
              healthcheck  ask the running server whether it is healthy

            models, failures and budget ask the running server, or else read its data folder, as explain does.
            They send nothing upstream.

              --json         print JSON
              -h, --help     print this help
              -v, --version  print the version

            Everything else is set with environment variables; defaults are in brackets.

            \(rows.joined(separator: "\n"))

            Colours are used on terminals only, and not if NO_COLOR is set.
            Exit codes: 0 success, or stopped by a signal; 1 failure; 2 wrong usage or configuration.

            """
    }
}
