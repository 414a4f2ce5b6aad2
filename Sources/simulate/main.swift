import Glibc
import Simulation

/// The command line: `simulate [--seed N] [--markdown FILE]`.
struct Options {
    var seed: UInt64 = 1
    var markdownPath: String?

    init?(_ arguments: [String]) {
        var left = arguments[...]
        while let option = left.popFirst() {
            guard let value = left.popFirst() else { return nil }
            switch option {
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--markdown": markdownPath = value
            default: return nil
            }
        }
    }
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    _ = "usage: simulate [--seed N] [--markdown FILE]\n".withCString { write(2, $0, strlen($0)) }
    exit(2)
}

let results = Scenario.all.flatMap { scenario in
    let day = Day(scenario, seed: options.seed)
    return Strategy.allCases.map { day.run($0) }
}
let report = MarkdownReport(seed: options.seed, results: results).text
if let path = options.markdownPath {
    guard let file = fopen(path, "w"), fputs(report, file) >= 0, fclose(file) == 0 else {
        perror("simulate: cannot write \(path)")
        exit(1)
    }
} else {
    print(report, terminator: "")
}
