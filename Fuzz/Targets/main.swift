import Glibc
import OllamaProxy

// Usage: FUZZ_TARGET=NAME fuzz [libFuzzer's options and corpora]; without a target it lists them. A variable, because
// libFuzzer runs itself again to merge, with its own options only. Built without libFuzzer, it takes folders and runs
// every input in them once.

let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? "--list"
if name == "--list" {
    for target in FuzzTarget.allCases { print(target.rawValue) }
    exit(0)
}
guard let target = FuzzTarget(rawValue: name) else {
    print("unknown target: \(name)")
    exit(2)
}

#if LIBFUZZER
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

    Chosen.target = target
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(
        runDriver(&count, &arguments) { start, count in
            Chosen.target.run(Bytes(start: start, count: count))
            return 0
        })
#else
    var count = 0
    for path in CommandLine.arguments.dropFirst().flatMap(KeptInputs.paths) {
        // The last one that is named is the one that it did not survive.
        print(path)
        fflush(nil)
        KeptInputs.content(of: path).withUnsafeBufferPointer { target.run($0) }
        count += 1
    }
    print("\(count) inputs")
#endif
