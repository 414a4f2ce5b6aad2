import Glibc
import OllamaProxy

// Usage: fuzz TARGET [libFuzzer's options and corpora], or fuzz --list

/// libFuzzer's own loop, for programs that have a `main` of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What the C function below runs, which can be given nothing.
private enum Chosen {
    nonisolated(unsafe) static var target = FuzzTarget.json
}

let name = CommandLine.arguments.dropFirst().first ?? "--list"
if name == "--list" {
    for target in FuzzTarget.allCases { print(target.rawValue) }
    exit(0)
}
guard let target = FuzzTarget(rawValue: name) else {
    print("unknown target: \(name)")
    exit(2)
}
Chosen.target = target
// libFuzzer reads its options from the second argument on, so the target's name takes the place of the program's.
var count = CommandLine.argc - 1
var arguments = CommandLine.unsafeArgv + 1
exit(
    runDriver(&count, &arguments) { start, count in
        Chosen.target.run(Bytes(start: start, count: count))
        return 0
    })
