/// What the command line asks for.
struct CommandLineOptions {
    var port: UInt16 = 0
    var address = "127.0.0.1"
    var modelsPath: String?
    var scriptPath: String?
    var tokens = 24
    var delay = Delay(milliseconds: 40)
    var isQuiet = false
    var wantsHelp = false

    static let help = """
        usage: fake-openrouter [options]

        A scriptable stand-in for OpenRouter's API, for tests, benchmarks and the demo. When it listens it prints one
        line to standard output: listening on http://ADDRESS:PORT/api/v1

          --port N        port to listen on; 0, the default, takes any free one
          --address A     IPv4 address to listen on (127.0.0.1)
          --models FILE   answer GET /models with these bytes
          --script FILE   rules for how models answer, as in PUT /_fake/script
          --tokens N      words in the built-in answer (24)
          --delay-ms N    time between the chunks of the built-in answer (40)
          --quiet         do not report requests on standard error
          --help          print this text

        Models named fake/NAME:free fail as their name says, for example fake/429-minute:free or
        fake/midstream-cut:free. A request that says @fake LABEL NAME NAME@ anywhere in its body gets the script's
        answers of these names, one for each time that the label comes.

        Control routes: PUT /_fake/models, /_fake/key (both with ?status=N), /_fake/script; GET and DELETE
        /_fake/requests; GET /_fake/stats; GET /_fake/wait?COUNTER=VALUE[&op=eq|ge|le][&timeout_ms=5000].

        """

    /// Why the arguments cannot be used.
    struct Problem: Error {
        let message: String
    }

    init(arguments: [String]) throws(Problem) {
        var remaining = arguments[...]
        while let argument = remaining.popFirst() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--quiet": isQuiet = true
            case "--port": port = try Self.number(argument, &remaining)
            case "--address": address = try Self.value(argument, &remaining)
            case "--models": modelsPath = try Self.value(argument, &remaining)
            case "--script": scriptPath = try Self.value(argument, &remaining)
            case "--tokens": tokens = Int(try Self.number(argument, &remaining) as UInt32)
            case "--delay-ms": delay = Delay(milliseconds: Double(try Self.number(argument, &remaining) as UInt32))
            default: throw Problem(message: "unknown argument \(argument)")
            }
        }
    }

    private static func value(_ name: String, _ remaining: inout ArraySlice<String>) throws(Problem) -> String {
        guard let value = remaining.popFirst() else { throw Problem(message: "\(name) needs a value") }
        return value
    }

    private static func number<Number: FixedWidthInteger>(_ name: String, _ remaining: inout ArraySlice<String>)
        throws(Problem) -> Number
    {
        let text = try value(name, &remaining)
        guard let number = Number(text) else { throw Problem(message: "\(name) cannot be \(text)") }
        return number
    }
}
